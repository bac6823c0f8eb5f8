//! Filing (F1–F12): a new appeal or a draft, its examination, its number, and its routing.

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::access;
use super::change::{self, Change, new_value};
use super::context::Ctx;
use super::enclosures::{self, Enclosed};
use super::rules;
use super::timing::Timing;
use crate::caller::Caller;
use crate::fault::{Fault, Result};
use crate::store::appeals::{self, AppealRow};
use crate::store::attachments::{self, AttachmentRow, Owner};
use crate::store::db::Tx;
use crate::store::{catalogue, search};
use appeal_api::{Appeal, Category, Discarded, FileRef, NewAppeal, Similar};
use appeal_domain::lifecycle::{self, Action, Who};
use appeal_domain::*;

/// Number of random numbers tried before giving up.
const TRIES: usize = 20;

/// Files an appeal, or saves a draft.
pub async fn create(tx: &mut Tx, ctx: &Ctx, new: &NewAppeal) -> Result<Appeal> {
    access::admit(&ctx.caller, Scope::File)?;
    if !new.draft {
        access::confirmed(&ctx.caller)?;
    }
    let mut row = row_of(&ctx.caller, ctx.now, new);
    let check = Check { files: &new.attachments, draft: new.draft, ..Check::default() };
    let (enclosed, findings) = examine(tx, ctx, &row, &check).await?;
    refuse(findings, new.strict)?;
    normalize(tx, &mut row).await?;
    if !new.draft {
        return file(tx, ctx, row, &enclosed, Filing::CREATE).await;
    }
    row.number = free_draft_number(tx).await?;
    row.draft_number = Some(row.number.clone());
    let row = insert(tx, ctx, row, &enclosed, Event::Drafted).await?;
    search::index(tx, &row.id, &row.subject, &row.text, true).await?;
    change::card(tx, ctx, row).await
}

/// Returns all findings about a new appeal, and the caller's own similar appeals. Saves nothing.
pub async fn dry_run(tx: &mut Tx, ctx: &Ctx, new: &NewAppeal) -> Result<(Vec<Finding>, Vec<Similar>)> {
    access::admit(&ctx.caller, Scope::File)?;
    if !new.draft {
        access::confirmed(&ctx.caller)?;
    }
    let check = Check { files: &new.attachments, draft: new.draft, dry_run: true, ..Check::default() };
    let row = row_of(&ctx.caller, ctx.now, new);
    let (_, findings) = examine(tx, ctx, &row, &check).await?;
    let similar = super::similar::among_own(tx, ctx, &row).await?;
    Ok((findings, similar))
}

/// Submits a draft. Repeating it returns the filed appeal.
pub async fn submit(tx: &mut Tx, ctx: &Ctx, number: &str) -> Result<Appeal> {
    let row = access::as_applicant(tx, ctx, number).await?;
    if row.status != Status::Draft && row.draft_number.is_some() {
        return change::card(tx, ctx, row).await;
    }
    let mut change = Change::by(ctx, row);
    change.apply(Who::Applicant, Action::Submit)?;
    access::confirmed(&ctx.caller)?;
    let present = attachments::of(tx, &change.row.id).await?;
    let check = Check { present: &present, ..Check::default() };
    let (_, findings) = examine(tx, ctx, &change.row, &check).await?;
    if findings.iter().any(Finding::is_error) {
        return Err(Fault::invalid(findings));
    }
    normalize(tx, &mut change.row).await?;
    let timing = place(tx, ctx, &mut change.row).await?;
    change.row.created_at = ctx.now;
    let row = change.commit(tx, Event::Submitted).await?;
    timing.file(tx, &row).await?;
    change::card(tx, ctx, row).await
}

/// Deletes a draft.
pub async fn discard(tx: &mut Tx, ctx: &Ctx, number: &str) -> Result<Discarded> {
    let row = access::as_applicant(tx, ctx, number).await?;
    if row.status != Status::Draft {
        return Err(Fault::conflict("discard-filed").arg("number", row.number).into());
    }
    appeals::delete(tx, &row, ctx.now).await?;
    Ok(Discarded { number: row.number, discarded: true })
}

/// Creates the appeal from a request, completed from the applicant's profile; without number, department and dates.
pub fn row_of(caller: &Caller, now: Timestamp, new: &NewAppeal) -> AppealRow {
    let contacts =
        Contacts { email: caller.email.clone(), phone: caller.phone.clone(), preferred: caller.preferred };
    let organizations = caller.organizations.iter().map(String::as_str);
    let profile = AccountDefaults::of(caller.role, contacts, organizations, caller.region.clone());
    AppealRow::new(&caller.person_id, profile.complete(new.content()), now)
}

/// Normalizes contacts, once they are known to be valid, and looks up the code of the region.
pub async fn normalize(tx: &mut Tx, row: &mut AppealRow) -> Result<()> {
    if let Some(phone) = row.contacts.phone.as_deref().and_then(|p| p.parse::<Phone>().ok()) {
        row.contacts.phone = Some(phone.as_str().to_owned());
    }
    if let Some(email) = row.contacts.email.as_deref().and_then(|e| e.parse::<Email>().ok()) {
        row.contacts.email = Some(email.as_str().to_owned());
    }
    row.region_code = match &row.region {
        Some(text) => rules::regions(tx).await?.code(text).map(str::to_owned),
        None => None,
    };
    Ok(())
}

/// What to check besides the row.
#[derive(Default)]
pub struct Check<'a> {
    /// Files to add.
    pub files: &'a [FileRef],
    /// Existing files.
    pub present: &'a [AttachmentRow],
    /// Whether only the requirements of a draft apply.
    pub draft: bool,
    /// Whether this is a dry run.
    pub dry_run: bool,
    /// The person on whose behalf it is filed, if not the caller.
    pub applicant: Option<&'a Caller>,
}

impl<'a> Check<'a> {
    fn applicant(&self, ctx: &'a Ctx) -> &'a Caller {
        self.applicant.unwrap_or(&ctx.caller)
    }

    /// Returns the documents among the files.
    fn documents(&self) -> Vec<Given<'a>> {
        let added = self.files.iter().filter_map(|f| f.document.as_deref());
        let present = self.present.iter().filter_map(|f| f.document.as_deref());
        added.chain(present).map(|code| Given { code, at: None }).collect()
    }

    fn examined<'e>(&self, content: &'e Content, documents: &'e [Given<'e>]) -> Examined<'e> {
        Examined { content, knows_account: true, documents, draft: self.draft }
    }
}

/// Returns all findings about an appeal to be filed or saved, errors first.
pub async fn examine(
    tx: &mut Tx,
    ctx: &Ctx,
    row: &AppealRow,
    check: &Check<'_>,
) -> Result<(Vec<Enclosed>, Vec<Finding>)> {
    let category = category_of(tx, row).await?;
    let content = row.content();
    let documents = check.documents();
    let mut findings = appeal_domain::examine(
        &check.examined(&content, &documents),
        &rules_of(tx, category.clone()).await?,
        ctx.now,
    );
    let (enclosed, own) = examine_here(tx, ctx, row, category.as_ref(), check).await?;
    findings.extend(own);
    findings.sort_by_key(|f| !f.is_error());
    Ok((enclosed, findings))
}

/// Refuses an appeal with errors; with `strict`, also with warnings.
pub fn refuse(findings: Vec<Finding>, strict: bool) -> Result<()> {
    match findings.iter().any(|finding| strict || finding.is_error()) {
        true => Err(Fault::invalid(findings)),
        false => Ok(()),
    }
}

/// Returns the errors of an edit that changed `before` to `row`.
pub async fn examine_edit(
    tx: &mut Tx,
    ctx: &Ctx,
    before: &AppealRow,
    row: &AppealRow,
    check: &Check<'_>,
) -> Result<Vec<Finding>> {
    let category = category_of(tx, row).await?;
    let content = row.content();
    let documents = check.documents();
    let (_, mut findings) = examine_here(tx, ctx, row, category.as_ref(), check).await?;
    let changed = content.differing(&before.content());
    let moved = row.category != before.category;
    findings.retain(|f| f.is_error() && (check.draft || moved || changed.contains(&f.field)));
    let examined = check.examined(&content, &documents);
    let rules = rules_of(tx, category).await?;
    findings.extend(appeal_domain::examine_edit(&before.content(), &examined, &rules, ctx.now));
    Ok(findings)
}

async fn category_of(tx: &mut Tx, row: &AppealRow) -> Result<Option<Category>> {
    if row.category.is_empty() { Ok(None) } else { catalogue::category(tx, &row.category).await }
}

/// Returns the rules for an appeal in this category.
async fn rules_of(tx: &mut Tx, category: Option<Category>) -> Result<Rules> {
    let categories = Some(category.into_iter().map(Into::into).collect());
    Ok(Rules { categories, regions: rules::regions(tx).await?, ..Rules::default() })
}

/// Returns findings that only the platform can make, see
/// [`examine::PLATFORM_ONLY`](appeal_domain::examine::PLATFORM_ONLY), and findings about the files.
async fn examine_here(
    tx: &mut Tx,
    ctx: &Ctx,
    row: &AppealRow,
    category: Option<&Category>,
    check: &Check<'_>,
) -> Result<(Vec<Enclosed>, Vec<Finding>)> {
    let applicant = check.applicant(ctx);
    let mut findings = Vec::new();
    if category.is_some_and(|c| c.access != Access::Public) && !ctx.caller.is_authority() {
        findings.push(Finding::error("category-closed", "category").arg("category", &row.category));
    }
    if let Some(inn) = &row.organization
        && !applicant.organizations.contains(inn)
        && row.applicant_id == applicant.person_id
        && inn.parse::<Inn>().is_ok()
    {
        findings.push(Finding::error("organization-not-yours", "organization").arg("inn", inn));
    }
    let policy = enclosures::policy_of(category);
    // The files of a draft are checked again by the rules of its final category.
    let again: Vec<FileRef> = check
        .present
        .iter()
        .map(|f| FileRef { sha256: f.sha256.clone(), name: f.name.clone(), document: f.document.clone() })
        .collect();
    let (_, found) = enclosures::examine(tx, ctx, &again, &[], &policy, true).await?;
    findings.extend(found.into_iter().filter(|f| f.code != "file-twice"));
    let (enclosed, found) =
        enclosures::examine(tx, ctx, check.files, check.present, &policy, check.dry_run).await?;
    findings.extend(found);
    Ok((enclosed, findings))
}

/// Assigns department, operator, dates and number.
async fn place(tx: &mut Tx, ctx: &Ctx, row: &mut AppealRow) -> Result<Timing> {
    route(tx, row).await?;
    let timing = Timing::of(tx, row).await?;
    row.due_at = timing.due(DeadlineKind::Decision, ctx.now)?.map(|(_, due)| due);
    row.number = free_number(tx, timing.year(ctx.now)?).await?;
    Ok(timing)
}

/// Routes an appeal to the department of its category and region, and to an operator there.
pub async fn route(tx: &mut Tx, row: &mut AppealRow) -> Result<()> {
    let regions = rules::regions(tx).await?;
    let department = catalogue::route(tx, &row.category, row.region.as_deref(), &regions).await?;
    row.responsible_id = catalogue::least_loaded_operator(tx, &department).await?;
    row.department = Some(department);
    Ok(())
}

/// How an appeal is filed.
#[derive(Debug, Clone, Copy)]
pub struct Filing {
    who: Who,
    action: Action,
    event: Event,
}

impl Filing {
    /// By its applicant.
    pub const CREATE: Filing = Filing { who: Who::Applicant, action: Action::Create, event: Event::Created };
    /// By an operator on the applicant's behalf.
    pub const REGISTER: Filing =
        Filing { who: Who::Operator, action: Action::Register, event: Event::Registered };
}

/// Files an appeal that needs no more checks; returns its card.
pub async fn file(
    tx: &mut Tx,
    ctx: &Ctx,
    row: AppealRow,
    enclosed: &[Enclosed],
    filing: Filing,
) -> Result<Appeal> {
    let row = put(tx, ctx, row, enclosed, filing).await?;
    change::card(tx, ctx, row).await
}

/// Files an appeal that follows from another one and is therefore not examined like a new one.
pub async fn file_successor(
    tx: &mut Tx,
    ctx: &Ctx,
    row: AppealRow,
    enclosed: &[Enclosed],
) -> Result<AppealRow> {
    put(tx, ctx, row, enclosed, Filing::CREATE).await
}

async fn put(
    tx: &mut Tx,
    ctx: &Ctx,
    mut row: AppealRow,
    enclosed: &[Enclosed],
    filing: Filing,
) -> Result<AppealRow> {
    let timing = place(tx, ctx, &mut row).await?;
    row.status = lifecycle::apply(filing.who, filing.action, &Situation::default())
        .map_err(|f| Fault::forbidden_move(&f))?;
    let row = insert(tx, ctx, row, enclosed, filing.event).await?;
    timing.file(tx, &row).await?;
    search::index(tx, &row.id, &row.subject, &row.text, true).await?;
    Ok(row)
}

async fn insert(
    tx: &mut Tx,
    ctx: &Ctx,
    row: AppealRow,
    enclosed: &[Enclosed],
    event: Event,
) -> Result<AppealRow> {
    appeals::insert(tx, &row).await?;
    let owner = Owner { kind: "appeal", id: None, internal: false };
    let files = enclosures::keep(tx, ctx, &row, owner, enclosed).await?;
    let mut facts: Map<String, Value> = Map::new();
    if !files.is_empty() {
        facts.insert("attachments".to_owned(), new_value(files));
    }
    change::found(tx, ctx, row, facts, event).await
}

async fn free_number(tx: &mut Tx, year: i16) -> Result<String> {
    let year = u16::try_from(year).map_err(|e| Fault::Internal(e.to_string()))?;
    for _ in 0..TRIES {
        let number = AppealNumber::from_parts(year, rand::random()).to_string();
        if !appeals::is_taken(tx, &number).await? {
            return Ok(number);
        }
    }
    Err(Fault::Internal("no free number was found".to_owned()))
}

async fn free_draft_number(tx: &mut Tx) -> Result<String> {
    for _ in 0..TRIES {
        let number = DraftId::from_bits(rand::random()).to_string();
        if !appeals::is_taken(tx, &number).await? {
            return Ok(number);
        }
    }
    Err(Fault::Internal("no free draft number was found".to_owned()))
}

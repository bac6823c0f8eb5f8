//! Prompts for missing values.

use std::path::PathBuf;

use super::{Sender, missing, stored};
use crate::cli::args::texts;
use crate::cli::base::unsent::store::State;
use crate::cli::base::{Context, Failure};
use crate::cli::record::checks::{self, examine};
use crate::cli::record::uploads::examined;
use crate::cli::record::{Record, typed_time};
use appeal_api::{CardContacts, Category, Received};
use appeal_client::Client;
use appeal_domain::{Access, AttachmentPolicy, Kind, Region, Regions};
use appeal_i18n::{Lang, Message, label, message, t};

/// Completes the record; false where the person decides not to go on.
pub async fn complete(
    ctx: &mut Context,
    client: &Client,
    record: &mut Record,
    sender: &Sender,
    dry_run: bool,
) -> Result<bool, Failure> {
    // Nothing that was typed is lost, whatever is answered to the rest.
    let keep = |ctx: &mut Context, record: &Record| {
        stored::keep(ctx, record, sender, State::Unfinished, true);
    };
    if record.content.kind.is_none() {
        let labels: Vec<String> =
            Kind::ALL.iter().map(|k| label(ctx.lang, Kind::VOCABULARY, k.as_str())).collect();
        let chosen = ctx.out.choose(message!("ask-kind"), &labels, 0)?;
        record.content.kind = Kind::ALL.get(chosen).copied();
    }
    let category = category(ctx, client, record, sender).await?;
    if let Some(category) = &category {
        explain(ctx, category);
    }
    if record.content.subject.as_deref().is_none_or(str::is_empty) {
        record.content.subject = Some(ctx.out.ask(message!("ask-subject"), None)?);
        keep(ctx, record);
    }
    if record.content.text.is_none() {
        ctx.out.note(message!("ask-text"));
        record.content.text = Some(texts::edited(ctx, texts::Text::FLAG, "")?);
    }
    keep(ctx, record);
    // Of another person's profile nothing is known here.
    let me = if sender.is_applicant() { Some(client.me().await?.into_known()) } else { None };
    if let Some(category) = &category {
        if category.regional && record.content.region.is_none() {
            let own = me.as_ref().and_then(|me| me.region.as_deref());
            record.content.region = region(ctx, client, own).await?;
            keep(ctx, record);
        }
        required(ctx, record, category).await?;
        keep(ctx, record);
    }
    if record.content.expected.is_none() {
        record.content.expected = ctx.out.ask_optional(message!("ask-expected"), None)?;
        keep(ctx, record);
    }
    if record.attach.is_empty() {
        let policy = category.as_ref().map(|c| c.attachments.clone()).unwrap_or_default();
        while let Some(path) = path(ctx, message!("ask-file"), &policy, false).await? {
            record.attach.push(path);
            keep(ctx, record);
        }
    }
    let profile = me.map(|me| me.contacts).unwrap_or_default();
    contacts(ctx, record, &profile)?;
    review(ctx, client, record, sender, dry_run, &keep).await
}

/// The category, chosen from the tree where the record has none.
async fn category(
    ctx: &mut Context,
    client: &Client,
    record: &mut Record,
    sender: &Sender,
) -> Result<Option<Received<Category>>, Failure> {
    if let Some(code) = record.content.category.as_deref().filter(|code| !code.is_empty()) {
        // An unknown one is among the findings later.
        return Ok(client.category(code).await.ok());
    }
    let open_to = |c: &Received<Category>| c.access == Access::Public || !sender.is_applicant();
    let mut open: Vec<Received<Category>> = client.categories().await?.into_iter().filter(open_to).collect();
    if open.is_empty() {
        return Ok(None);
    }
    let items: Vec<String> = open.iter().map(|category| line(category, &open, ctx.lang)).collect();
    let chosen = ctx.out.choose(message!("ask-category"), &items, 0)?;
    let category = (chosen < open.len()).then(|| open.swap_remove(chosen));
    record.content.category = category.as_ref().map(|category| category.code.clone());
    Ok(category)
}

/// A category with those above it and its hint.
fn line(category: &Category, all: &[Received<Category>], lang: Lang) -> String {
    let mut titles = vec![lang.pick(&category.title)];
    let mut parent = category.parent.as_deref();
    // A tree that loops is the platform's fault, and must not hang its clients.
    while let Some(above) = parent.and_then(|code| all.iter().find(|c| c.code == code))
        && titles.len() < 8
    {
        titles.push(lang.pick(&above.title));
        parent = above.parent.as_deref();
    }
    titles.reverse();
    let hint = lang.pick(&category.hint);
    let path = titles.join(" / ");
    if hint.is_empty() { path } else { format!("{path} – {hint}") }
}

/// Says what the category asks for.
fn explain(ctx: &mut Context, category: &Category) {
    let lang = ctx.lang;
    let word = |required: bool| if required { t!(lang, "word-required") } else { t!(lang, "word-optional") };
    let fields = category.fields.iter().map(|f| (f.required, lang.pick(&f.title), &f.key));
    let documents = category.documents.iter().map(|d| (d.required, lang.pick(&d.title), &d.code));
    let lines = |items: Vec<(bool, &str, &String)>| -> Vec<String> {
        items
            .into_iter()
            .map(|(required, title, code)| format!("  - {title} ({code}; {})", word(required)))
            .collect()
    };
    let (fields, documents) = (lines(fields.collect()), lines(documents.collect()));
    for (heading, lines) in
        [(message!("category-fields"), fields), (message!("category-documents"), documents)]
    {
        if !lines.is_empty() {
            ctx.out.note(heading);
            for line in lines {
                ctx.out.line(&line);
            }
        }
    }
}

/// Prompts for the region, which decides who answers, until it is a known one; it may be left empty.
async fn region(ctx: &mut Context, client: &Client, own: Option<&str>) -> Result<Option<String>, Failure> {
    let known: Vec<Region> = client.regions().await?.into_iter().map(Received::into_known).collect();
    let known = Regions::from(known);
    let mut default = own.map(str::to_owned);
    loop {
        let Some(given) = ctx.out.ask_optional(message!("ask-deciding-region"), default.as_deref())? else {
            return Ok(None);
        };
        let Some(finding) = known.finding(&given, true) else { return Ok(Some(given)) };
        ctx.out.print_findings(&appeal_i18n::findings(ctx.lang, &[finding]))?;
        default = Some(given);
    }
}

/// Prompts for missing required fields and documents.
async fn required(ctx: &mut Context, record: &mut Record, category: &Category) -> Result<(), Failure> {
    for spec in category.fields.iter().filter(|spec| spec.required) {
        while !record.content.has(&spec.key) {
            let title = ctx.lang.pick(&spec.title).to_owned();
            let value = ctx.out.ask(message!("ask-field", title), None)?;
            if spec.key != "occurred_at" {
                checks::set(record, &spec.key, value);
            } else if let Some(time) = typed_time(&value, ctx.now(), &ctx.zone()) {
                record.content.occurred_at = Some(time);
            } else {
                ctx.out.note(message!("ask-time-form"));
            }
        }
    }
    for spec in category.documents.iter().filter(|spec| spec.required) {
        if record.documents.iter().any(|(code, _)| *code == spec.code) {
            continue;
        }
        let title = ctx.lang.pick(&spec.title).to_owned();
        if let Some(path) = path(ctx, message!("ask-document", title), &category.attachments, true).await? {
            record.documents.push((spec.code.clone(), path));
        }
    }
    Ok(())
}

/// Prompts for a file until a valid one is given; `None` if it is optional and skipped.
async fn path(
    ctx: &mut Context,
    question: Message,
    policy: &AttachmentPolicy,
    needed: bool,
) -> Result<Option<PathBuf>, Failure> {
    loop {
        let question = question.clone();
        let answer =
            if needed { Some(ctx.out.ask(question, None)?) } else { ctx.out.ask_optional(question, None)? };
        let Some(answer) = answer else { return Ok(None) };
        // Terminals quote the paths of files that are dropped on them.
        let path = PathBuf::from(answer.trim().trim_matches(['\'', '"']));
        let (sound, findings) = examined(vec![path.clone()], policy.clone()).await?;
        if !sound.is_empty() {
            return Ok(Some(path));
        }
        ctx.out.findings(&appeal_i18n::findings(ctx.lang, &findings));
    }
}

/// Contacts come from the profile and can be others for this appeal (P6).
fn contacts(ctx: &mut Context, record: &mut Record, of_profile: &CardContacts) -> Result<(), Failure> {
    let contacts = record.content.contacts.get_or_insert_default();
    for (question, given, profile) in [
        (message!("ask-email"), &mut contacts.email, &of_profile.email),
        (message!("ask-phone"), &mut contacts.phone, &of_profile.phone),
    ] {
        if given.is_none() {
            let answer = ctx.out.ask_optional(question, profile.as_deref())?;
            // Unchanged values of the profile are not copied.
            *given = answer.filter(|answer| Some(answer) != profile.as_ref());
        }
    }
    Ok(())
}

/// Shows what was found, and asks what to do.
async fn review(
    ctx: &mut Context,
    client: &Client,
    record: &mut Record,
    sender: &Sender,
    dry_run: bool,
    keep: &impl Fn(&mut Context, &Record),
) -> Result<bool, Failure> {
    loop {
        keep(ctx, record);
        let lacking = missing(record);
        let outcome = examine(client, record, sender.is_applicant()).await?;
        let findings = outcome.described(ctx.lang);
        if !findings.is_empty() {
            ctx.out.findings(&findings);
        }
        if dry_run {
            return Ok(true);
        }
        let mut choices = Vec::new();
        if lacking.is_empty() && !outcome.fails(record.strict) {
            choices.push((Choice::Send, t!(ctx.lang, "choice-send")));
        }
        choices.push((Choice::EditText, t!(ctx.lang, "choice-edit-text")));
        choices.push((Choice::EditSubject, t!(ctx.lang, "choice-edit-subject")));
        if sender.may_draft() {
            choices.push((Choice::Draft, t!(ctx.lang, "choice-draft")));
        }
        choices.push((Choice::Abandon, t!(ctx.lang, "choice-abandon")));
        let (choices, words): (Vec<Choice>, Vec<String>) = choices.into_iter().unzip();
        let chosen = ctx.out.choose(message!("ask-what-now"), &words, 0)?;
        match choices.get(chosen) {
            Some(Choice::Send) => return Ok(true),
            Some(Choice::EditText) => {
                let text = record.content.text.clone().unwrap_or_default();
                record.content.text = Some(texts::edited(ctx, texts::Text::FLAG, &text)?);
            }
            Some(Choice::EditSubject) => {
                record.content.subject =
                    Some(ctx.out.ask(message!("ask-subject"), record.content.subject.as_deref())?);
            }
            Some(Choice::Draft) => {
                record.draft = true;
                return Ok(true);
            }
            Some(Choice::Abandon) | None => return Ok(false),
        }
    }
}

/// What to do with an appeal that is complete or still has errors.
enum Choice {
    Send,
    EditText,
    EditSubject,
    Draft,
    Abandon,
}

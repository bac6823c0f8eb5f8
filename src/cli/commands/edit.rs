//! `appeal edit`.

use std::path::PathBuf;

use crate::cli::args::change::DryRunArg;
use crate::cli::args::fields::Fields;
use crate::cli::args::{texts, values};
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::record::checks::{self, Rules};
use crate::cli::record::{Record, file};
use crate::output::CHANGED_SHAPE;
use appeal_api::{Appeal, EditAppeal, Institution};
use appeal_domain::Finding;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Edit a draft, or supplement and correct a filed appeal; every version is kept in the journal. Only what \
                  is given changes, and an empty value clears. On a terminal with nothing given the text opens in the \
                  editor. When somebody changed the appeal in the meantime nothing is changed, and the command exits \
                  with 6.\n\n\
                  When sending fails, what was written is kept in a file whose path is printed, with the command that \
                  goes on with it.",
    after_long_help = "Examples:\n  appeal edit 2026-0123456789-3 --contact-phone '+7 900 123-45-67'\n  \
                       appeal edit D-0123ABCD --category housing.repairs --field meter=12345 --text-file letter.txt"
)]
pub struct Args {
    /// Number of the appeal or draft
    #[arg(value_name = "NUMBER")]
    pub number: String,
    /// What it is about, in a few words
    #[arg(long, value_name = "SUBJECT", allow_hyphen_values = true)]
    pub subject: Option<String>,
    #[command(flatten)]
    pub text: texts::Text,
    #[command(flatten)]
    pub fields: Fields,
    /// Take changes from a JSON, YAML or TOML file, as an edit that failed keeps them; `-` is stdin. Flags go before it
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    #[command(flatten)]
    pub dry_run: DryRunArg,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let number = values::number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        if let Some(path) = self.from.as_deref().filter(|path| path.as_os_str() != "-") {
            ctx.unsent.source(path);
        }
        let text = self.text.optional(ctx).await?;
        // A text alone is kept as a text; with anything else all of it is kept together.
        let whole = self.subject.is_some() || !self.fields.is_empty() || self.from.is_some();
        let flags = EditAppeal { subject: self.subject, text, ..self.fields.into_edit() };
        let mut edit = match &self.from {
            Some(path) => overlaid(file::changes(ctx, path).await?, flags),
            None => flags,
        };
        let nothing = edit == EditAppeal::default();
        if nothing && !ctx.out.can_prompt() {
            return Err(Failure::missing("--text"));
        }
        if whole && !nothing {
            ctx.unsent.edit(&number, &edit);
        }
        let client = ctx.client().await?;
        let appeal = client.show(&number, false).await?;
        if nothing {
            let present = appeal.text.as_deref().unwrap_or_default();
            edit.text = Some(texts::edited(ctx, texts::Text::FLAG, present)?);
        }
        if let Some(institution) = &mut edit.institution {
            fill(institution, appeal.institution.as_ref());
        }
        let found = wrong(&edit, &appeal);
        if !found.is_empty() {
            return Err(Failure::invalid(appeal_i18n::findings(ctx.lang, &found)));
        }
        ctx.change(client.edit(&number, &edit, Some(appeal.version)), "done-edit").await
    }
}

/// Changes with those of `over` before them; fields of both.
fn overlaid(under: EditAppeal, over: EditAppeal) -> EditAppeal {
    let mut fields = under.fields;
    fields.extend(over.fields);
    let institution = match (over.institution, under.institution) {
        (Some(mut institution), under) => {
            fill(&mut institution, under.as_ref());
            Some(institution)
        }
        (None, under) => under,
    };
    EditAppeal {
        subject: over.subject.or(under.subject),
        text: over.text.or(under.text),
        kind: over.kind.or(under.kind),
        category: over.category.or(under.category),
        priority: over.priority.or(under.priority),
        region: over.region.or(under.region),
        service: over.service.or(under.service),
        application: over.application.or(under.application),
        occurred_at: over.occurred_at.or(under.occurred_at),
        expected: over.expected.or(under.expected),
        steps: over.steps.or(under.steps),
        actual: over.actual.or(under.actual),
        institution,
        fields,
        contact_email: over.contact_email.or(under.contact_email),
        contact_phone: over.contact_phone.or(under.contact_phone),
        contact_preferred: over.contact_preferred.or(under.contact_preferred),
        organization: over.organization.or(under.organization),
    }
}

/// Fills the parts of the institution that were not given from these: the platform takes it as a whole.
fn fill(given: &mut Institution, present: Option<&Institution>) {
    let Some(present) = present else { return };
    let parts = [&mut given.name, &mut given.inn, &mut given.address];
    for (part, was) in parts.into_iter().zip([&present.name, &present.inn, &present.address]) {
        if part.is_none() {
            part.clone_from(was);
        }
    }
}

/// Errors in what is changed. What was there before is not judged again.
fn wrong(edit: &EditAppeal, appeal: &Appeal) -> Vec<Finding> {
    let institution = edit.institution.clone().unwrap_or_default();
    let record = Record {
        subject: edit.subject.clone(),
        text: edit.text.clone(),
        contact_email: edit.contact_email.clone(),
        contact_phone: edit.contact_phone.clone(),
        organization: edit.organization.clone(),
        institution_name: institution.name,
        institution_inn: institution.inn,
        institution_address: institution.address,
        steps: edit.steps.clone(),
        actual: edit.actual.clone(),
        region: edit.region.clone(),
        service: edit.service.clone(),
        application: edit.application.clone(),
        fields: edit.fields.clone().into_iter().filter(|(_, value)| !value.is_empty()).collect(),
        ..Record::default()
    };
    let mut findings = checks::in_words(&record, &Rules::offline());
    findings.retain(|finding| {
        let draft = appeal.status == appeal_domain::Status::Draft;
        let judged = match finding.field.as_str() {
            // A draft may be left without either.
            "subject" => edit.subject.as_deref().is_some_and(|subject| !(draft && subject.is_empty())),
            "text" => edit.text.as_deref().is_some_and(|text| !(draft && text.is_empty())),
            _ => true,
        };
        finding.is_error() && judged
    });
    findings
}

//! `appeal edit`.

use super::checks::{self, Rules};
use super::fields::{Fields, Rehearse};
use super::record::Record;
use super::{Context, Failure, texts, values};
use crate::api::{Appeal, EditAppeal};
use crate::domain::Finding;
use crate::i18n;
use crate::output::CHANGED_SHAPE;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Edit a draft, or supplement and correct a filed appeal; every version is kept in the journal. Only what \
                  is given changes, and an empty value clears. On a terminal with nothing given the text opens in the \
                  editor. When somebody changed the appeal in the meantime nothing is changed, and the command exits \
                  with 6.",
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
    #[command(flatten)]
    pub rehearse: Rehearse,
}

impl Args {
    /// Runs the command.
    pub async fn run(mut self, ctx: &mut Context) -> Result<(), Failure> {
        let number = values::number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        let mut text = self.text.optional(ctx).await?;
        let nothing = text.is_none() && self.subject.is_none() && self.fields.is_empty();
        if nothing && !ctx.out.can_prompt() {
            return Err(Failure::missing("--text"));
        }
        let client = ctx.client().await?;
        let appeal = client.show(&number, false).await?;
        if nothing {
            text = Some(texts::edited(ctx, texts::Text::FLAG, appeal.text.as_deref().unwrap_or_default())?);
        }
        self.fields.complete(appeal.institution.as_ref());
        let edit = EditAppeal { subject: self.subject, text, ..self.fields.into_edit() };
        let found = wrong(&edit, &appeal);
        if !found.is_empty() {
            return Err(Failure::invalid(i18n::findings(ctx.lang, &found)));
        }
        let changed = client.edit(&number, &edit, Some(appeal.version)).await?;
        Ok(ctx.out.changed(&changed, "done-edit")?)
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
        let draft = appeal.status == crate::domain::Status::Draft;
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

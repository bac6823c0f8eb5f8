//! The PDF of an official answer.

use super::draw::{Block, PdfDocument};
use super::types::{Around, Result};
use super::words::Words;
use appeal_api::{Answer, Appeal};
use appeal_domain::Decision;
use appeal_i18n::{Lang, message};

/// Renders the official answer to an appeal: authority, applicant, subject, decision and text, files with their
/// digests, signature and date. Of the current state of the card, only the subject, the people and the files are
/// included, so that the same answer gives the same bytes for the whole life of the appeal.
///
/// # Errors
/// See [`super::types::Error`]; none is caused by the reader.
pub fn answer(appeal: &Appeal, answer: &Answer, around: &Around, lang: Lang) -> Result<Vec<u8>> {
    let words = Words { lang, zone: around.zone.clone() };
    let number = appeal.number.as_str();
    let title = words.t(message!("pdf-answer-title", number));
    let mut head = Vec::new();
    head.extend(around.authority.clone().map(Block::Text));
    head.extend(around.department.clone().map(Block::Text));
    head.push(Block::Gap(8.0));
    head.push(Block::Heading(1, title.clone()));

    let mut body = vec![
        words.field(message!("pdf-answered-at"), words.moment(answer.at)),
        words.field(message!("pdf-applicant"), appeal.applicant.name.as_str()),
    ];
    let organization = appeal
        .organization
        .as_ref()
        .map(|o| words.t(message!("pdf-organization-inn", name = o.name, inn = o.inn)));
    words.some(&mut body, message!("pdf-organization"), organization);
    body.push(words.field(message!("pdf-number"), number));
    body.push(words.field(message!("pdf-filed-at"), words.moment(appeal.created_at)));
    body.push(words.field(message!("pdf-subject"), appeal.subject.as_str()));
    body.push(words.field(message!("pdf-decision"), words.label("decision", answer.decision.as_str())));
    let refused = answer.decision == Decision::Refused;
    body.push(words.heading(if refused {
        message!("pdf-refusal-text")
    } else {
        message!("pdf-answer-text")
    }));
    body.push(Block::Text(answer.text.clone()));
    let files: Vec<_> = appeal.attachments.iter().filter(|f| answer.attachments.contains(&f.id)).collect();
    if !files.is_empty() {
        body.push(words.heading(message!("pdf-files")));
        for (at, file) in files.into_iter().enumerate() {
            words.file(&mut body, at + 1, file);
        }
    }
    body.push(Block::Gap(14.0));
    body.push(words.field(message!("pdf-signed-by"), answer.signed_by.as_str()));
    body.push(words.field(message!("pdf-date"), words.day(answer.at)));
    PdfDocument {
        lang,
        number: number.to_owned(),
        title,
        author: Some(answer.signed_by.clone()),
        at: answer.at,
        zone: around.zone.clone(),
        head,
        body,
    }
    .print()
}

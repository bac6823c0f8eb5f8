//! The PDF of an appeal with its history.

use std::borrow::Cow;

use super::draw::{Block, PdfDocument};
use super::types::{Around, Result};
use super::words::Words;
use appeal_api::{Appeal, Escalation};
use appeal_domain::{EscalationGrounds, EscalationState, FIELDS, Form, Level, Shown};
use appeal_i18n::{Lang, Message, message};

/// Renders the card of an appeal as visible to its reader: what was filed, all comments and decisions, the files, and
/// the journal if the card includes it. The same card gives the same bytes.
///
/// # Errors
/// See [`super::types::Error`]; none is caused by the reader.
pub fn card(appeal: &Appeal, around: &Around, lang: Lang) -> Result<Vec<u8>> {
    let words = Words { lang, zone: around.zone.clone() };
    let number = appeal.number.as_str();
    let title = words.t(message!("pdf-card-title", number));
    let mut head = Vec::new();
    head.extend(around.authority.clone().map(Block::Text));
    head.extend(around.department.clone().map(Block::Text));
    head.push(Block::Gap(8.0));
    head.push(Block::Heading(1, title.clone()));

    let mut body = Vec::new();
    facts(&words, &mut body, appeal, around);
    let content = appeal.content();
    for field in FIELDS.iter().filter(|field| field.shown == Shown::Section) {
        if let Some(text) = content.get(field).filter(|text| !text.trim().is_empty()) {
            let body_text = matches!(field.form, Form::Body);
            body.push(words.heading(if body_text {
                message!("pdf-text")
            } else {
                Message::new(field.label(), &[])
            }));
            body.push(Block::Text(text.into_owned()));
        }
    }
    if !appeal.attachments.is_empty() {
        body.push(words.heading(message!("column-attachments")));
        for (at, file) in appeal.attachments.iter().enumerate() {
            words.file(&mut body, at + 1, file);
        }
    }
    answers(&words, &mut body, appeal);
    conversation(&words, &mut body, appeal);
    for escalation in &appeal.escalations {
        escalated(&words, &mut body, escalation);
    }
    review(&words, &mut body, appeal);
    ends(&words, &mut body, appeal);
    PdfDocument {
        lang,
        number: number.to_owned(),
        title,
        author: Some(appeal.applicant.name.clone()).filter(|name| !name.trim().is_empty()),
        at: appeal.updated_at,
        zone: around.zone.clone(),
        head,
        body,
    }
    .print()
}

fn facts(words: &Words, body: &mut Vec<Block>, appeal: &Appeal, around: &Around) {
    let since = words.moment(appeal.status_since);
    let status = words.t(message!("pdf-status-since", status = words.status(&appeal.status), at = since));
    body.push(words.field(message!("column-status"), status));
    if appeal.overdue {
        body.push(Block::Text(words.t(message!("pdf-overdue"))));
    }
    body.push(words.field(message!("pdf-subject"), appeal.subject.as_str()));
    body.push(words.field(message!("column-kind"), words.label("kind", appeal.kind.as_str())));
    let category = around.category.clone().unwrap_or_else(|| appeal.category.clone());
    words.some(body, message!("column-category"), Some(category));
    body.push(words.field(message!("column-priority"), words.label("priority", appeal.priority.as_str())));
    body.push(words.field(message!("column-channel"), words.label("channel", appeal.channel.as_str())));
    body.push(words.field(message!("pdf-filed-at"), words.moment(appeal.created_at)));
    words.some(body, message!("column-due-at"), appeal.due_at.map(|at| words.due(at)));
    body.push(words.field(message!("pdf-applicant"), appeal.applicant.name.as_str()));
    let organization = appeal
        .organization
        .as_ref()
        .map(|o| words.t(message!("pdf-organization-inn", name = o.name, inn = o.inn)));
    words.some(body, message!("pdf-organization"), organization);
    words.some(body, message!("column-responsible"), appeal.responsible.clone());
    let content = appeal.content();
    for field in FIELDS.iter().filter(|field| field.shown == Shown::Fact) {
        words.some(body, Message::new(field.label(), &[]), content.get(field).map(Cow::into_owned));
    }
    words.some(body, message!("column-contacts-email"), appeal.contacts.email.clone());
    words.some(body, message!("column-contacts-phone"), appeal.contacts.phone.clone());
    for (name, value) in &appeal.fields {
        body.push(Block::Field(name.clone(), value.clone()));
    }
    words.some(body, message!("column-repeat-of"), appeal.repeat_of.clone());
    words.some(body, message!("column-repeats"), Some(appeal.repeats.join(", ")));
    words.some(body, message!("column-merged-into"), appeal.merged_into.clone());
}

/// Formats author and time.
fn by(words: &Words, at: jiff::Timestamp, who: &str) -> String {
    words.t(message!("pdf-by", at = words.moment(at), who))
}

fn answers(words: &Words, body: &mut Vec<Block>, appeal: &Appeal) {
    let answers = appeal.answers.as_deref().unwrap_or_default();
    if !answers.is_empty() {
        body.push(words.heading(message!("column-answers")));
    }
    for answer in answers {
        body.push(Block::Small(by(words, answer.at, &answer.signed_by)));
        body.push(words.field(message!("pdf-decision"), words.label("decision", answer.decision.as_str())));
        body.push(Block::Text(answer.text.clone()));
        for file in appeal.attachments.iter().filter(|f| answer.attachments.contains(&f.id)) {
            body.push(words.field(message!("pdf-answer-file"), file.name.as_str()));
        }
        body.push(Block::Gap(4.0));
    }
}

fn conversation(words: &Words, body: &mut Vec<Block>, appeal: &Appeal) {
    if let Some(asked) = &appeal.clarification {
        body.push(words.heading(message!("pdf-clarification")));
        body.push(Block::Small(by(words, asked.asked_at, &asked.asked_by)));
        body.push(Block::Text(asked.question.clone()));
        for need in &asked.needs {
            body.push(Block::Text(format!("• {need}")));
        }
        words.some(body, message!("pdf-reply-due"), asked.due_at.map(|at| words.due(at)));
    }
    let comments = appeal.comments.as_deref().unwrap_or_default();
    if !comments.is_empty() {
        body.push(words.heading(message!("column-comments")));
    }
    for comment in comments {
        let mut line = by(words, comment.at, &comment.author);
        if comment.internal {
            line.push_str(&format!(" [{}]", words.t(message!("pdf-internal"))));
        }
        body.push(Block::Small(line));
        body.push(Block::Text(comment.text.clone()));
        body.push(Block::Gap(4.0));
    }
}

fn escalated(words: &Words, body: &mut Vec<Block>, escalation: &Escalation) {
    body.push(words.heading(message!("pdf-escalation")));
    body.push(words.field(message!("pdf-level"), words.label(Level::VOCABULARY, escalation.level.as_str())));
    let grounds = words.label(EscalationGrounds::VOCABULARY, escalation.grounds.as_str());
    body.push(words.field(message!("pdf-grounds"), grounds));
    body.push(
        words.field(
            message!("pdf-state"),
            words.label(EscalationState::VOCABULARY, escalation.state.as_str()),
        ),
    );
    words.some(body, message!("column-due-at"), escalation.due_at.map(|at| words.due(at)));
    body.push(Block::Text(escalation.reason.clone()));
    if let Some(outcome) = &escalation.outcome {
        body.push(Block::Small(by(words, outcome.at, &outcome.by)));
        let result = words.label(EscalationState::VOCABULARY, outcome.result.as_str());
        body.push(words.field(message!("pdf-outcome"), result));
        body.push(Block::Text(outcome.text.clone()));
    }
}

fn review(words: &Words, body: &mut Vec<Block>, appeal: &Appeal) {
    let Some(review) = &appeal.review else { return };
    body.push(words.heading(message!("pdf-review")));
    body.push(Block::Small(words.moment(review.at)));
    body.push(words.field(message!("pdf-score"), format!("{}/5", review.score)));
    words.some(
        body,
        message!("column-category"),
        review.category.as_ref().map(|category| words.label("review category", category.as_str())),
    );
    body.push(words.field(message!("pdf-state"), words.label("review state", review.state.as_str())));
    for text in [&review.remarks, &review.changes].into_iter().flatten() {
        body.push(Block::Text(text.clone()));
    }
}

/// Adds deadlines, participants and journal.
fn ends(words: &Words, body: &mut Vec<Block>, appeal: &Appeal) {
    if !appeal.deadlines.is_empty() {
        body.push(words.heading(message!("column-deadlines")));
    }
    for deadline in &appeal.deadlines {
        let state = words.label("deadline state", deadline.state.as_str());
        let kind = words.label("deadline kind", deadline.kind.as_str());
        body.push(Block::Field(kind, format!("{} — {state}", words.due(deadline.due_at))));
    }
    if !appeal.participants.is_empty() {
        body.push(words.heading(message!("pdf-participants")));
    }
    for participant in &appeal.participants {
        let role = words.label("participant role", participant.role.as_str());
        body.push(Block::Field(role, participant.login.clone()));
    }
    let Some(entries) = &appeal.journal else { return };
    body.push(words.heading(message!("column-journal")));
    for entry in entries {
        let action = words.label("action", &entry.action);
        let seq = entry.seq.to_string();
        let by = by(words, entry.at, &entry.actor);
        let line = words.t(message!("pdf-entry", seq, action, by));
        body.push(Block::Text(line));
        for change in words.changes(&entry.changes) {
            body.push(Block::Small(change));
        }
    }
    if let Some(last) = entries.last() {
        body.push(Block::Gap(4.0));
        body.push(words.field(message!("pdf-chain"), ""));
        body.push(Block::Code(last.hash.clone()));
    }
}

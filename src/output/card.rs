//! The card of an appeal, and the short form printed after a change.

use std::borrow::Cow;

use console::Style;
use unicode_width::UnicodeWidthStr;

use super::cells::Zones;
use super::{APPEAL_SHAPE, CHANGED_SHAPE, Format, Output, Result, cells, table, visible};
use appeal_api::{Appeal, Deadline, Escalation, Received, Review};
use appeal_domain::{DeadlineKind, DeadlineState, EscalationGrounds, EscalationState, FIELDS, Level, Shown};
use appeal_i18n::{Message, MessageId, label, message, message_id, status_shown, t};

/// The next deadline of an appeal with its message: the answer or, after the answer, the confirmation.
fn expected(appeal: &Appeal) -> Option<(MessageId, jiff::Timestamp)> {
    if !appeal.status.is_decided() {
        return appeal.due_at.map(|due| (message_id!("card-due", at), due));
    }
    let open = |d: &&Deadline| d.kind == DeadlineKind::Confirmation && d.state == DeadlineState::Pending;
    appeal.deadlines.iter().find(open).map(|d| (message_id!("card-confirm-due", at), d.due_at))
}

/// A card that is being written.
struct Card<'a> {
    output: &'a Output,
    zones: Zones,
    text: String,
}

impl Output {
    /// Prints an appeal: the card for people, or as [`Output::one`].
    ///
    /// # Errors
    /// Stdout cannot be written; an unknown column.
    pub fn appeal(&mut self, appeal: &Received<Appeal>) -> Result<()> {
        if self.format != Format::Table || self.quiet || self.jq.is_some() || self.columns.is_some() {
            return self.one(appeal, &APPEAL_SHAPE);
        }
        let text = self.whole_card(appeal);
        self.out.text(&text)
    }

    /// Prints an appeal after a change: number, status and due date on one line for people; the whole appeal as JSON; the
    /// number with `-q`. `done` is the message for stderr.
    ///
    /// # Errors
    /// Stdout cannot be written; an unknown column.
    pub fn changed(&mut self, appeal: &Received<Appeal>, done: MessageId) -> Result<()> {
        if !self.format.is_json() {
            self.note(done.with(&[("number", &appeal.number)]));
        }
        if self.format != Format::Table || self.quiet || self.jq.is_some() || self.columns.is_some() {
            return self.one(appeal, &CHANGED_SHAPE);
        }
        let mut line = format!(
            "{}  {}",
            self.tinted(&visible::cell(&appeal.number), Style::new().bold()),
            self.tinted(&visible::cell(status_shown(self.lang, &appeal.status)), Style::new().cyan()),
        );
        if let Some((id, due)) = expected(appeal) {
            let zones = Zones::named(appeal.time_zone.as_deref(), self.zone());
            let due = id.with(&[("at", &zones.due(due))]).text(self.lang);
            line.push_str(&format!("  {due}"));
        }
        if appeal.overdue {
            line.push_str(&self.tinted(&self.overdue(), Style::new().red().bold()));
        }
        line.push('\n');
        self.out.text(&line)
    }

    fn overdue(&self) -> String {
        format!("  !\u{a0}{}", t!(self.lang, "word-overdue"))
    }

    fn whole_card(&self, appeal: &Appeal) -> String {
        let zones = Zones::named(appeal.time_zone.as_deref(), self.zone());
        let mut card = Card { output: self, zones, text: String::new() };
        card.head(appeal);
        card.facts(appeal);
        let content = appeal.content();
        for field in FIELDS.iter().filter(|field| field.shown == Shown::Section) {
            if let Some(text) = content.get(field) {
                card.section(Message::new(field.label(), &[]));
                card.paragraph(&text);
            }
        }
        card.conversation(appeal);
        card.answers(appeal);
        card.lists(appeal);
        for escalation in &appeal.escalations {
            card.escalation(escalation);
        }
        if let Some(review) = &appeal.review {
            card.review(review, appeal);
        }
        card.versions(appeal);
        card.journal(appeal);
        card.text
    }
}

impl Card<'_> {
    fn t(&self, message: Message) -> String {
        message.text(self.output.lang)
    }

    fn label(&self, vocabulary: &str, word: &str) -> String {
        label(self.output.lang, vocabulary, word)
    }

    fn time(&self, at: jiff::Timestamp) -> String {
        cells::time(at, self.output.zone())
    }

    fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn section(&mut self, title: Message) {
        let title = self.output.tinted(&self.t(title), Style::new().bold().underlined());
        self.text.push('\n');
        self.line(&title);
    }

    /// User-written text, wrapped and indented.
    fn paragraph(&mut self, text: &str) {
        let width = usize::from(self.output.place.width).saturating_sub(2).max(20);
        for line in table::wrapped(&visible::paragraphs(text), width) {
            let line = format!("  {line}");
            self.line(line.trim_end());
        }
    }

    /// One line of an entry, with control characters made visible.
    fn entry(&mut self, text: &str) {
        let width = usize::from(self.output.place.width).saturating_sub(4).max(20);
        for (i, line) in table::wrapped(&visible::cell(text), width).iter().enumerate() {
            let line = format!("{}{line}", if i == 0 { "  " } else { "    " });
            self.line(&line);
        }
    }

    fn head(&mut self, appeal: &Appeal) {
        let screen = usize::from(self.output.place.width).max(20);
        let since = self.t(message!("card-since", at = self.time(appeal.status_since)));
        let mut parts = vec![
            (visible::cell(&appeal.number).into_owned(), Style::new().bold()),
            (
                visible::cell(status_shown(self.output.lang, &appeal.status)).into_owned(),
                Style::new().cyan().bold(),
            ),
            (since, Style::new()),
        ];
        if appeal.overdue {
            parts.push((self.output.overdue().trim_start().to_owned(), Style::new().red().bold()));
        }
        // On a narrow terminal, each part starts on a new line.
        let mut used = 0;
        for (text, style) in parts {
            if used > 0 {
                let fits = used + 2 + text.width() <= screen;
                self.text.push_str(if fits { "  " } else { "\n" });
                used = if fits { used + 2 } else { 0 };
            }
            used += text.width();
            self.text.push_str(&self.output.tinted(&text, style));
        }
        self.text.push('\n');
        for line in table::wrapped(&visible::cell(&appeal.subject), screen) {
            let line = self.output.tinted(&line, Style::new().bold());
            self.line(&line);
        }
        self.text.push('\n');
    }

    fn facts(&mut self, appeal: &Appeal) {
        let word = |vocabulary: &str, word: &str| Some(self.label(vocabulary, word));
        let mut facts: Vec<(String, Option<String>)> = vec![
            (self.t(message!("column-kind")), word("kind", appeal.kind.as_str())),
            (self.t(message!("column-category")), Some(appeal.category.clone())),
            (self.t(message!("column-priority")), word("priority", appeal.priority.as_str())),
            (self.t(message!("column-channel")), word("channel", appeal.channel.as_str())),
            (self.t(message!("column-created-at")), Some(self.time(appeal.created_at))),
            (self.t(message!("column-updated-at")), Some(self.time(appeal.updated_at))),
            (
                self.t(message!("column-due-at")),
                appeal.due_at.filter(|_| !appeal.status.is_decided()).map(|at| self.zones.due(at)),
            ),
            (self.t(message!("column-department")), appeal.department.clone()),
            (self.t(message!("column-responsible")), appeal.responsible.clone()),
        ];
        let content = appeal.content();
        facts.extend(FIELDS.iter().filter(|field| field.shown == Shown::Fact).map(|field| {
            (self.t(Message::new(field.label(), &[])), content.get(field).map(Cow::into_owned))
        }));
        facts.extend([
            (
                self.t(message!("column-applicant-name")),
                Some(format!("{} ({})", appeal.applicant.name, appeal.applicant.login)),
            ),
            (
                self.t(message!("column-organization-name")),
                appeal.organization.as_ref().map(|o| format!("{} ({})", o.name, o.inn)),
            ),
            (self.t(message!("column-contacts-email")), appeal.contacts.email.clone()),
            (self.t(message!("column-contacts-phone")), appeal.contacts.phone.clone()),
            (
                self.t(message!("column-contacts-preferred")),
                appeal.contacts.preferred.as_ref().map(|way| self.label("contact way", way.as_str())),
            ),
        ]);
        facts.extend(
            appeal.fields.iter().map(|(key, value)| (visible::cell(key).into_owned(), Some(value.clone()))),
        );
        facts.extend([
            (self.t(message!("column-repeat-of")), appeal.repeat_of.clone()),
            (self.t(message!("column-repeats")), Some(appeal.repeats.join(", "))),
            (self.t(message!("column-merged-into")), appeal.merged_into.clone()),
            (
                self.t(message!("card-chain")),
                appeal.chain.as_ref().map(|chain| {
                    let place = message!("card-chain-place", position = chain.position, count = chain.count);
                    format!("{} ({})", chain.numbers.join(" → "), self.t(place))
                }),
            ),
            (self.t(message!("column-merged")), Some(appeal.merged.join(", "))),
        ]);
        let facts: Vec<(String, String)> = facts
            .into_iter()
            .filter_map(|(heading, value)| value.filter(|v| !v.is_empty()).map(|v| (heading, v)))
            .collect();
        let indent = facts.iter().map(|(heading, _)| heading.width()).max().unwrap_or(0) + 2;
        for (heading, value) in facts {
            let value = visible::paragraphs(&value);
            self.output.field(&mut self.text, &heading, &value, indent, false);
        }
    }

    fn conversation(&mut self, appeal: &Appeal) {
        if let Some(asked) = &appeal.clarification {
            self.section(message!("card-clarification"));
            let line = self.t(message!("card-by", at = self.time(asked.asked_at), who = asked.asked_by));
            self.entry(&line);
            self.paragraph(&asked.question);
            for need in &asked.needs {
                self.entry(&format!("- {need}"));
            }
            if let Some(due) = asked.due_at {
                let due = self.t(message!("card-reply-due", at = self.zones.due(due)));
                self.entry(&due);
            }
        }
        let comments = appeal.comments.as_deref().unwrap_or_default();
        if !comments.is_empty() {
            self.section(message!("column-comments"));
        }
        for comment in comments {
            let mut line = self.t(message!("card-by", at = self.time(comment.at), who = comment.author));
            if comment.internal {
                line.push_str(&format!(" [{}]", self.t(message!("card-internal"))));
            }
            self.entry(&line);
            self.paragraph(&comment.text);
        }
    }

    fn answers(&mut self, appeal: &Appeal) {
        let answers = appeal.answers.as_deref().unwrap_or_default();
        if !answers.is_empty() {
            self.section(message!("column-answers"));
        }
        for answer in answers {
            let line = self.t(message!(
                "card-answer",
                at = self.time(answer.at),
                decision = self.label("decision", answer.decision.as_str()),
                who = answer.signed_by
            ));
            self.entry(&line);
            self.paragraph(&answer.text);
            for id in &answer.attachments {
                let name = appeal.attachments.iter().find(|a| a.id == *id).map_or(id, |a| &a.name);
                let line = self.t(message!("card-file", name));
                self.entry(&line);
            }
        }
    }

    fn lists(&mut self, appeal: &Appeal) {
        if !appeal.attachments.is_empty() {
            self.section(message!("column-attachments"));
        }
        for file in &appeal.attachments {
            let size = cells::size(file.size, self.output.lang);
            let by = self.t(message!("card-by", at = self.time(file.added_at), who = file.added_by));
            let version = if file.version > 1 { format!("  v{}", file.version) } else { String::new() };
            self.entry(&format!("{}  {}  {size}{version}  {by}", file.id, file.name));
        }
        if !appeal.deadlines.is_empty() {
            self.section(message!("column-deadlines"));
        }
        for deadline in &appeal.deadlines {
            let line = format!(
                "{}  {}  {}",
                self.zones.due(deadline.due_at),
                self.label("deadline kind", deadline.kind.as_str()),
                self.label("deadline state", deadline.state.as_str()),
            );
            if deadline.state == DeadlineState::Overdue {
                let line = self.output.tinted(&format!("  {line} !"), Style::new().red());
                self.line(&line);
            } else {
                self.entry(&line);
            }
        }
        if !appeal.participants.is_empty() {
            self.section(message!("card-participants"));
        }
        for participant in &appeal.participants {
            let role = self.label("participant role", participant.role.as_str());
            self.entry(&format!("{}  {role}", participant.login));
        }
        if !appeal.involved.is_empty() {
            self.section(message!("column-involved"));
        }
        for involved in &appeal.involved {
            let who = involved.department.as_deref().or(involved.login.as_deref()).unwrap_or_default();
            let by = self.t(message!("card-by", at = self.time(involved.at), who = involved.by));
            self.entry(&format!("{who}  {by}"));
        }
        if !appeal.similar.is_empty() {
            self.section(message!("column-similar"));
        }
        for similar in &appeal.similar {
            self.entry(&format!("{}  {}  {}", similar.number, similar.score, similar.subject));
        }
    }

    fn escalation(&mut self, escalation: &Escalation) {
        self.section(message!("card-escalation"));
        let mut line = format!(
            "{}: {} ({})",
            self.label(Level::VOCABULARY, escalation.level.as_str()),
            self.label(EscalationGrounds::VOCABULARY, escalation.grounds.as_str()),
            self.label(EscalationState::VOCABULARY, escalation.state.as_str()),
        );
        if let Some(due) = escalation.due_at.filter(|_| escalation.state == EscalationState::Pending) {
            line.push_str(&format!(", {}", self.t(message!("card-due", at = self.zones.due(due)))));
        }
        if let Some(department) = &escalation.department {
            line.push_str(&format!("  {department}"));
        }
        self.entry(&line);
        self.paragraph(&escalation.reason);
        if let Some(outcome) = &escalation.outcome {
            let by = self.t(message!("card-by", at = self.time(outcome.at), who = outcome.by));
            let result = self.label(EscalationState::VOCABULARY, outcome.result.as_str());
            self.entry(&format!("{result}, {by}"));
            self.paragraph(&outcome.text);
        }
    }

    fn review(&mut self, review: &Review, appeal: &Appeal) {
        self.section(message!("card-review"));
        let mut line = format!("{}/5  {}", review.score, self.time(review.at));
        if let Some(category) = &review.category {
            line.push_str(&format!("  {}", self.label("review category", category.as_str())));
        }
        line.push_str(&format!("  {}", self.label("review state", review.state.as_str())));
        self.entry(&line);
        if let Some(text) = &review.remarks {
            self.paragraph(text);
        }
        if let Some(by) = &review.by {
            let at = review.revised_at.map(|at| self.time(at));
            let line = match &at {
                Some(at) => self.t(message!("card-revised", at, who = by)),
                None => self.t(message!("card-revising", who = by)),
            };
            self.entry(&line);
        }
        if let Some(text) = &review.changes {
            self.paragraph(text);
        }
        for id in &review.attachments {
            let name = appeal.attachments.iter().find(|a| a.id == *id).map_or(id, |a| &a.name);
            let line = self.t(message!("card-file", name));
            self.entry(&line);
        }
    }

    fn versions(&mut self, appeal: &Appeal) {
        let Some(versions) = &appeal.versions else { return };
        self.section(message!("card-versions"));
        for version in versions {
            self.entry(&format!(
                "{}  {}  {}  {}",
                version.version,
                self.time(version.at),
                version.actor,
                self.output.action(&version.action)
            ));
            let changes = self.output.in_words(&version.changes, appeal.time_zone.as_deref());
            if !changes.is_empty() {
                self.paragraph(&changes);
            }
        }
    }

    fn journal(&mut self, appeal: &Appeal) {
        let Some(entries) = &appeal.journal else { return };
        self.section(message!("column-journal"));
        for entry in entries {
            self.entry(&format!(
                "{}  {}  {}  {}",
                entry.seq,
                self.time(entry.at),
                entry.actor,
                self.output.action(&entry.action)
            ));
            let changes = self.output.in_words(&entry.changes, appeal.time_zone.as_deref());
            if !changes.is_empty() {
                self.paragraph(&changes);
            }
        }
    }
}

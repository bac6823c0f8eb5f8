//! The twelve statuses of an appeal, each with labels and synonyms (S1).

use serde::{Deserialize, Serialize};

use super::vocab::UnknownWord;
use super::word::{Vocabulary, Word};

/// Status of an appeal.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Draft,
    Submitted,
    InProgress,
    UnderReview,
    ClarificationRequired,
    Redirected,
    AwaitingConfirmation,
    Answered,
    Completed,
    Rejected,
    Cancelled,
    Closed,
}

impl Status {
    /// Every status, in the order of the requirements.
    pub const ALL: [Status; 12] = [
        Status::Draft,
        Status::Submitted,
        Status::InProgress,
        Status::UnderReview,
        Status::ClarificationRequired,
        Status::Redirected,
        Status::AwaitingConfirmation,
        Status::Answered,
        Status::Completed,
        Status::Rejected,
        Status::Cancelled,
        Status::Closed,
    ];

    /// Returns the name used in the API and in JSON.
    pub const fn as_str(self) -> &'static str {
        match self {
            Status::Draft => "draft",
            Status::Submitted => "submitted",
            Status::InProgress => "in_progress",
            Status::UnderReview => "under_review",
            Status::ClarificationRequired => "clarification_required",
            Status::Redirected => "redirected",
            Status::AwaitingConfirmation => "awaiting_confirmation",
            Status::Answered => "answered",
            Status::Completed => "completed",
            Status::Rejected => "rejected",
            Status::Cancelled => "cancelled",
            Status::Closed => "closed",
        }
    }

    /// Returns the Russian label, as worded in the requirements.
    pub const fn label_ru(self) -> &'static str {
        match self {
            Status::Draft => "Черновик",
            Status::Submitted => "Принято",
            Status::InProgress => "В работе",
            Status::UnderReview => "На рассмотрении",
            Status::ClarificationRequired => "Требуется уточнение",
            Status::Redirected => "Перенаправлено",
            Status::AwaitingConfirmation => "Ожидает подтверждения",
            Status::Answered => "Ответ готов",
            Status::Completed => "Завершено",
            Status::Rejected => "Отказано",
            Status::Cancelled => "Отменено",
            Status::Closed => "Закрыто",
        }
    }

    /// Returns the English label.
    pub const fn label_en(self) -> &'static str {
        match self {
            Status::Draft => "Draft",
            Status::Submitted => "Submitted",
            Status::InProgress => "In progress",
            Status::UnderReview => "Under review",
            Status::ClarificationRequired => "Clarification required",
            Status::Redirected => "Redirected",
            Status::AwaitingConfirmation => "Awaiting confirmation",
            Status::Answered => "Answered",
            Status::Completed => "Completed",
            Status::Rejected => "Rejected",
            Status::Cancelled => "Cancelled",
            Status::Closed => "Closed",
        }
    }

    /// Returns other words accepted wherever a status is typed.
    pub const fn synonyms(self) -> &'static [&'static str] {
        match self {
            Status::Submitted => {
                &["Создано", "Получено", "Зарегистрировано", "created", "received", "accepted", "registered"]
            }
            Status::InProgress => &["В обработке", "processing", "in-work"],
            Status::UnderReview => &["review"],
            Status::ClarificationRequired => &["clarification", "needs-info"],
            Status::Redirected => &["forwarded"],
            Status::AwaitingConfirmation => &["confirm"],
            Status::Answered => &["Ответ предоставлен", "answer-ready"],
            Status::Completed => &["done", "resolved"],
            Status::Rejected => &["refused"],
            Status::Cancelled => &["withdrawn"],
            Status::Draft | Status::Closed => &[],
        }
    }

    /// Returns whether the status belongs to a group.
    pub fn is_in(self, group: &[Status]) -> bool {
        group.contains(&self)
    }

    /// Returns whether the appeal is finished: it can only be repeated, escalated or rated.
    pub fn is_final(self) -> bool {
        self.is_in(Status::FINAL)
    }

    /// Returns whether there is an answer, or none will follow: nothing is due from the authority.
    pub fn is_decided(self) -> bool {
        self.is_final() || self.is_in(Status::WITH_APPLICANT)
    }

    /// Returns whether the authority has the appeal and has not decided.
    pub fn is_undecided(self) -> bool {
        self.is_in(Status::UNDECIDED)
    }

    /// Returns whether the status is *open* in the sense of the life-cycle table: undecided and not under review.
    pub fn is_open(self) -> bool {
        self.is_in(Status::OPEN)
    }
}

/// Groups of statuses, used by the life cycle, queries, partial indexes and filters.
impl Status {
    /// *Open* in the life-cycle table: undecided and not under review.
    pub const OPEN: &'static [Status] =
        &[Status::Submitted, Status::Redirected, Status::InProgress, Status::ClarificationRequired];
    /// Open or under review: the authority has the appeal and has not decided.
    pub const UNDECIDED: &'static [Status] = &[
        Status::Submitted,
        Status::Redirected,
        Status::InProgress,
        Status::ClarificationRequired,
        Status::UnderReview,
    ];
    /// Undecided, and nobody has begun to work on it.
    pub const NOT_TAKEN: &'static [Status] = &[Status::Submitted, Status::Redirected];
    /// Undecided, and somebody has begun to work on it. An answer can be given.
    pub const IN_WORK: &'static [Status] =
        &[Status::InProgress, Status::UnderReview, Status::ClarificationRequired];
    /// Undecided, and the next step is the authority's. Clarification can be requested.
    pub const WITH_AUTHORITY: &'static [Status] =
        &[Status::Submitted, Status::Redirected, Status::InProgress, Status::UnderReview];
    /// Answered, and the next step is the applicant's.
    pub const WITH_APPLICANT: &'static [Status] = &[Status::Answered, Status::AwaitingConfirmation];
    /// No further changes happen automatically.
    pub const FINAL: &'static [Status] =
        &[Status::Completed, Status::Rejected, Status::Cancelled, Status::Closed];
    /// Filed and not cancelled. A higher level can be asked to review it.
    pub const ESCALATABLE: &'static [Status] = &[
        Status::Submitted,
        Status::InProgress,
        Status::UnderReview,
        Status::ClarificationRequired,
        Status::Redirected,
        Status::AwaitingConfirmation,
        Status::Answered,
        Status::Completed,
        Status::Rejected,
        Status::Closed,
    ];
}

impl Vocabulary for Status {
    fn all() -> &'static [Self] {
        &Self::ALL
    }

    fn spelling(self) -> &'static str {
        self.as_str()
    }
}

impl Word<Status> {
    /// As [`Status::is_final`]; false for an unknown status.
    pub fn is_final(&self) -> bool {
        self.known().is_some_and(Status::is_final)
    }

    /// As [`Status::is_decided`]; false for an unknown status.
    pub fn is_decided(&self) -> bool {
        self.known().is_some_and(Status::is_decided)
    }
}

impl std::fmt::Display for Status {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// Ignores case, spaces, hyphens and underscores; `ё` is read as `е`.
fn fold(word: &str) -> String {
    word.trim()
        .to_lowercase()
        .chars()
        .map(|c| match c {
            '-' | '_' | ' ' | '\u{a0}' => '_',
            'ё' => 'е',
            other => other,
        })
        .collect()
}

impl std::str::FromStr for Status {
    type Err = UnknownWord;

    /// Accepts the name, both labels and every synonym, in any case.
    fn from_str(s: &str) -> Result<Self, UnknownWord> {
        let wanted = fold(s);
        Status::ALL
            .into_iter()
            .find(|status| {
                [status.as_str(), status.label_ru(), status.label_en()]
                    .iter()
                    .chain(status.synonyms())
                    .any(|word| fold(word) == wanted)
            })
            .ok_or_else(|| UnknownWord {
                vocabulary: "status",
                given: s.to_owned(),
                allowed: Status::ALL.iter().map(|s| s.as_str()).collect(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_synonym_in_the_requirements_names_its_status() {
        for status in Status::ALL {
            for word in
                [status.as_str(), status.label_ru(), status.label_en()].iter().chain(status.synonyms())
            {
                assert_eq!(word.parse(), Ok(status), "{word}");
                assert_eq!(word.to_uppercase().parse(), Ok(status), "{word} in capitals");
            }
        }
    }

    #[test]
    fn no_word_names_two_statuses() {
        let mut seen = std::collections::BTreeMap::new();
        for status in Status::ALL {
            for word in
                [status.as_str(), status.label_ru(), status.label_en()].iter().chain(status.synonyms())
            {
                if let Some(other) = seen.insert(fold(word), status) {
                    assert_eq!(other, status, "{word} names both");
                }
            }
        }
    }

    /// The statuses of several groups, each once.
    fn all(groups: &[&[Status]]) -> std::collections::BTreeSet<Status> {
        let all: Vec<Status> = groups.concat();
        let set: std::collections::BTreeSet<Status> = all.iter().copied().collect();
        assert_eq!(set.len(), all.len(), "a status is in two of {groups:?}");
        set
    }

    #[test]
    fn groups_divide_the_statuses() {
        let every = all(&[&Status::ALL]);
        assert_eq!(all(&[&[Status::Draft], Status::UNDECIDED, Status::WITH_APPLICANT, Status::FINAL]), every);
        assert_eq!(all(&[&[Status::Draft, Status::Cancelled], Status::ESCALATABLE]), every);
    }

    #[test]
    fn an_undecided_appeal_is_taken_or_not() {
        let undecided = all(&[Status::UNDECIDED]);
        assert_eq!(all(&[Status::NOT_TAKEN, Status::IN_WORK]), undecided);
        assert_eq!(all(&[Status::OPEN, &[Status::UnderReview]]), undecided);
        assert_eq!(all(&[Status::WITH_AUTHORITY, &[Status::ClarificationRequired]]), undecided);
    }

    #[test]
    fn an_unknown_word_lists_the_known_ones() {
        let error = "нечто".parse::<Status>().unwrap_err();
        assert_eq!(error.allowed.len(), 12);
    }

    #[test]
    fn an_unknown_status_is_neither_final_nor_decided() {
        let status: Word<Status> = Word::read("archived");
        assert!(!status.is_final() && !status.is_decided());
    }
}

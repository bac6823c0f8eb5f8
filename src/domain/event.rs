//! Events of an appeal, as named in the stream of changes, in notifications and in the journal.

use super::lifecycle::Action;

macro_rules! events {
    ($($(#[$meta:meta])* $variant:ident = $word:literal by $action:expr),+ $(,)?) => {
        /// An event of an appeal. `i18n` has its label under `event-<name>`, with hyphens for underscores.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Event { $($(#[$meta])* $variant),+ }

        impl Event {
            /// Every event, in the order of an appeal's life.
            pub const ALL: &'static [Event] = &[$(Event::$variant),+];

            /// Returns the name in the stream of changes.
            pub const fn as_str(self) -> &'static str {
                match self { $(Event::$variant => $word),+ }
            }

            /// Returns the name of the action in the journal.
            pub const fn action(self) -> &'static str {
                match self { $(Event::$variant => $action),+ }
            }
        }

        impl std::fmt::Display for Event {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }
    };
}

events! {
    /// A draft was saved.
    Drafted = "drafted" by "draft",
    Created = "created" by Action::Create.as_str(),
    /// A draft was submitted.
    Submitted = "submitted" by Action::Submit.as_str(),
    /// An operator registered the appeal on the applicant's behalf.
    Registered = "registered" by Action::Register.as_str(),
    Edited = "edited" by "edit",
    Attached = "attached" by "attach",
    FileReplaced = "file_replaced" by "replace_file",
    FileRestored = "file_restored" by "restore_file",
    FileRemoved = "file_removed" by "remove_file",
    Commented = "commented" by "comment",
    Shared = "shared" by "share",
    Unshared = "unshared" by "unshare",
    Taken = "taken" by Action::Take.as_str(),
    UnderReview = "under_review" by Action::Review.as_str(),
    Assigned = "assigned" by "assign",
    Classified = "classified" by "classify",
    Involved = "involved" by "involve",
    Uninvolved = "uninvolved" by "uninvolve",
    Extended = "extended" by "extend",
    /// A deadline moved because a calendar or policy changed.
    DeadlineMoved = "deadline_moved" by "deadline_moved",
    Asked = "asked" by Action::Ask.as_str(),
    Replied = "replied" by Action::Reply.as_str(),
    ReplyExpired = "reply_expired" by Action::ReplyExpired.as_str(),
    Redirected = "redirected" by Action::Redirect.as_str(),
    /// The appeal was closed as a duplicate.
    Merged = "merged" by Action::Merge.as_str(),
    /// A duplicate was merged into the appeal.
    Absorbed = "absorbed" by "absorb",
    /// The appeal it was merged into was decided.
    MergedAnswered = "merged_answered" by "merged_answer",
    /// The appeal it was merged into was cancelled.
    MergedWithdrawn = "merged_withdrawn" by "merged_withdrawn",
    Answered = "answered" by Action::Answer.as_str(),
    Refused = "refused" by Action::Refuse.as_str(),
    Confirmed = "confirmed" by Action::Confirm.as_str(),
    Disputed = "disputed" by Action::Dispute.as_str(),
    Closed = "closed" by Action::Close.as_str(),
    AutoClosed = "auto_closed" by Action::AutoClose.as_str(),
    Cancelled = "cancelled" by Action::Cancel.as_str(),
    Rated = "rated" by "rate",
    RevisionTaken = "revision_taken" by "take_revision",
    Revised = "revised" by "revise",
    /// Another appeal repeats this one.
    Repeated = "repeated" by "repeat",
    Escalated = "escalated" by Action::Escalate.as_str(),
    Returned = "returned" by Action::Return.as_str(),
    Upheld = "upheld" by Action::Uphold.as_str(),
    Changed = "changed" by Action::Change.as_str(),
}

impl Event {
    /// Returns whether the event files an appeal.
    pub const fn files(self) -> bool {
        matches!(self, Event::Created | Event::Submitted | Event::Registered)
    }

    /// Returns whether the event gives a decision.
    pub const fn decides(self) -> bool {
        matches!(self, Event::Answered | Event::Upheld | Event::Changed)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_two_events_have_one_name_or_one_act() {
        let names: BTreeSet<&str> = Event::ALL.iter().map(|event| event.as_str()).collect();
        let acts: BTreeSet<&str> = Event::ALL.iter().map(|event| event.action()).collect();
        assert_eq!((names.len(), acts.len()), (Event::ALL.len(), Event::ALL.len()));
    }
}

//! `appeal supervisor`: escalated appeals, and reviews of decisions.

mod decide;
mod return_to_work;
mod reviews;
mod revise;

pub use decide::{CHANGE, UPHOLD};
pub use return_to_work::RETURN;
pub use revise::REVISE;

use super::operator::queue;
use appeal_api::View;

group! {
    #[command(after_long_help = "Examples:
  appeal supervisor queue --sort due_at
  appeal supervisor change 2026-0123456789-3 --text-file decision.txt")]

    /// List the appeals escalated to your level
    #[command(after_long_help = "Example:\n  appeal supervisor queue --overdue --sort due_at")]
    Queue(queue::Args, View::Escalated),
    /// Uphold the decision, with an explanation
    #[command(
        after_long_help = "Example:\n  appeal supervisor uphold 2026-0123456789-3 --text 'The answer follows the rules of supply'"
    )]
    Uphold(decide::Args, decide::Verdict::Uphold),
    /// Change the decision with a new official answer
    #[command(
        after_long_help = "Example:\n  appeal supervisor change 2026-0123456789-3 --text-file decision.txt --attach order.pdf"
    )]
    Change(decide::Args, decide::Verdict::Change),
    /// Return the appeal to work with an instruction
    #[command(
        after_long_help = "Example:\n  appeal supervisor return 2026-0123456789-3 --text 'Name the date of the repair' --due 3d"
    )]
    Return(return_to_work::Args),
    /// List the reviews of decisions
    Reviews(reviews::Args),
    /// Start or complete the revision of a review
    Revise(revise::Args),
}

//! `appeal operator`: the work of operators.

mod answer;
mod ask;
mod assign;
mod classify;
mod comment;
mod extend;
mod involve;
mod merge;
pub mod queue;
mod redirect;
mod refuse;
mod register;
mod review;
mod similar;
mod take;

pub use answer::ANSWER;
pub use ask::ASK;
pub use comment::COMMENT;
pub use extend::EXTEND;
pub use redirect::REDIRECT;
pub use refuse::REFUSE;
pub use review::REVIEW;

use appeal_api::View;

group! {
    #[command(after_long_help = "Examples:
  appeal operator queue --overdue
  appeal operator take 2026-0123456789-3
  appeal operator answer 2026-0123456789-3 --decision granted --text-file answer.txt")]

    /// List appeals waiting for your departments
    #[command(
        after_long_help = "Examples:\n  appeal operator queue --status submitted --sort due_at\n  appeal operator queue --overdue -q\n  appeal operator queue --involved --priority high"
    )]
    Queue(queue::Args, View::Queue),
    /// Register an appeal received by phone, e-mail, chat or in person, on the applicant's behalf
    Register(Box<register::Args>),
    /// Take an appeal into work
    Take(take::Args),
    /// Put an appeal under expert or compliance review
    Review(review::Args),
    /// Involve another department or an expert as a co-executor
    Involve(involve::Args),
    /// Assign an appeal to an operator
    Assign(assign::Args),
    /// Ask the applicant for clarification
    Ask(ask::Args),
    /// Add a comment, public or internal
    Comment(comment::Args),
    /// Redirect an appeal to another department
    Redirect(redirect::Args),
    /// Extend the deadline, with a reason shown to the applicant
    Extend(extend::Args),
    /// Set the category or priority
    Classify(classify::Args),
    /// List likely duplicates of an appeal
    Similar(similar::Args),
    /// Merge a duplicate into another appeal
    Merge(merge::Args),
    /// Answer an appeal
    Answer(answer::Args),
    /// Refuse an appeal, with a reason
    Refuse(refuse::Args),
}

//! `appeal operator`: the work of an authority's operator.

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

    /// List the appeals your departments have to decide
    #[command(
        after_long_help = "Examples:\n  appeal operator queue --status submitted --sort due_at\n  appeal operator queue --overdue -q\n  appeal operator queue --involved --priority high"
    )]
    Queue(queue::Args, View::Queue),
    /// Register an appeal received by phone, e-mail, chat or in person, on the applicant's behalf
    Register(Box<register::Args>),
    /// Take an appeal into work
    Take(take::Args),
    /// Take an appeal under review: study by an expert, check of compliance
    Review(review::Args),
    /// Involve another department or an expert, who see all, comment and do not decide
    Involve(involve::Args),
    /// Make somebody responsible for an appeal
    Assign(assign::Args),
    /// Ask the applicant for clarification
    Ask(ask::Args),
    /// Add a comment, public or internal
    Comment(comment::Args),
    /// Hand an appeal to another department
    Redirect(redirect::Args),
    /// Move the date of the decision, with a reason that the applicant is told
    Extend(extend::Args),
    /// Set the category, which routes an appeal again, or the priority
    Classify(classify::Args),
    /// List appeals that are much like one: likely duplicates
    Similar(similar::Args),
    /// Merge a duplicate into another appeal
    Merge(merge::Args),
    /// Answer an appeal
    Answer(answer::Args),
    /// Refuse an appeal, with the reason
    Refuse(refuse::Args),
}

//! `appeal share`.

mod add;
mod list;
mod remove;

group! {
    #[command(
        long_about = "Share an appeal with other people. The role `view` allows reading the card, comments, files and \
                      journal; `comment` also allows adding comments with files; `represent` allows everything the \
                      applicant can do except sharing. Only the applicant, and members of the organization the appeal was \
                      filed for, can share it.",
        after_long_help = "Examples:\n  appeal share add 2026-0123456789-3 --with lawyer --role represent\n  appeal share list 2026-0123456789-3\n  \
                           appeal share remove 2026-0123456789-3 --with lawyer"
    )]

    /// Share an appeal, or change a role
    Add(add::Args),
    /// List the people an appeal is shared with
    List(list::Args),
    /// Stop sharing an appeal with a user
    Remove(remove::Args),
}

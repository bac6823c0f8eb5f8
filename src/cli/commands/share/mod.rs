//! `appeal share`.

mod add;
mod list;
mod remove;

group! {
    #[command(
        long_about = "Share an appeal with other people. Who may view reads the card, comments, files and journal; who may \
                      comment also writes comments with files; who represents does everything the applicant may, except \
                      sharing it further. Only the applicant shares, and whoever files for the same organization.",
        after_long_help = "Examples:\n  appeal share add 2026-0123456789-3 --with lawyer --role represent\n  appeal share list 2026-0123456789-3\n  \
                           appeal share remove 2026-0123456789-3 --with lawyer"
    )]

    /// Share an appeal with somebody, or change their role
    Add(add::Args),
    /// List the people an appeal is shared with
    List(list::Args),
    /// Stop sharing an appeal with somebody, at once
    Remove(remove::Args),
}

//! `appeal files`.

pub(in crate::cli::commands) mod find;
mod get;
mod history;
mod list;
mod remove;
mod restore;

group! {
    #[command(
        long_about = "Manage the files of an appeal: list and download them, remove one before work starts, list the \
                      versions of a file and restore an old one. Use `appeal attach` to add files.",
        after_long_help = "Examples:\n  appeal files list 2026-0123456789-3\n  appeal files get 2026-0123456789-3 --dir answer"
    )]

    /// List the files of an appeal
    List(list::Args),
    /// Download files, verifying digests; existing files are not overwritten
    Get(get::Args),
    /// Remove a file before work starts
    Remove(remove::Args),
    /// List the versions of a file
    History(history::Args),
    /// Restore an old version of a file
    Restore(restore::Args),
}

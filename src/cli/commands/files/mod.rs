//! `appeal files`.

mod find;
mod get;
mod history;
mod list;
mod remove;
mod restore;

group! {
    #[command(
        long_about = "The files of an appeal: list and download them, remove one until work starts, see the versions of one \
                      and make an old version the current one again. `appeal attach` adds files.",
        after_long_help = "Examples:\n  appeal files list 2026-0123456789-3\n  appeal files get 2026-0123456789-3 --dir answer"
    )]

    /// List the files of an appeal
    List(list::Args),
    /// Download files; each is checked against its digest, and nothing is overwritten
    Get(get::Args),
    /// Remove a file; possible until work starts
    Remove(remove::Args),
    /// Show the versions of a file
    History(history::Args),
    /// Make an old version of a file the current one again
    Restore(restore::Args),
}

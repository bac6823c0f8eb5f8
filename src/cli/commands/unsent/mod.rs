//! `appeal unsent`: texts that could not be sent, or whose writing was interrupted.

mod drop;
mod edit;
mod list;
mod review;
mod row;
mod send;
mod show;
mod stored;
mod text_commands;

group! {
    #[command(
        long_about = "Manage unsent texts. What you write is saved until the platform receives it: if the platform is \
                      unreachable, if you have to sign in again, or if the editor, a prompt or the tool itself is \
                      interrupted. A text is sent with its original idempotency key, so nothing is done twice.",
        after_long_help = "Examples:\n  appeal unsent list\n  appeal unsent show 4aeb1d94\n  appeal unsent send 4aeb1d94"
    )]

    /// List unsent texts
    List(list::Args),
    /// Show an unsent text and everything sent with it
    Show(show::Args),
    /// Send an unsent text, completing it first if needed
    Send(send::Args),
    /// Edit an unsent text
    Edit(edit::Args),
    /// Delete an unsent text
    Drop(drop::Args),
}

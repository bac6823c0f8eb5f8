//! `appeal unsent`: texts that could not be sent, or whose writing was interrupted.

mod drop;
mod edit;
mod list;
mod review;
mod row;
mod send;
mod show;
mod text_commands;

group! {
    #[command(
        long_about = "Texts that were not sent. What you write is kept until it has arrived: when the platform cannot be \
                      reached, when you have to sign in again, when the editor, the questions or the tool itself is \
                      interrupted. A text is sent under the idempotency key it was written under, so that nothing is \
                      done twice.",
        after_long_help = "Examples:\n  appeal unsent list\n  appeal unsent show 4aeb1d94\n  appeal unsent send 4aeb1d94"
    )]

    /// List the texts that were not sent
    List(list::Args),
    /// Show a text with all that is sent with it
    Show(show::Args),
    /// Send a text; one that was interrupted is completed first
    Send(send::Args),
    /// Change a text before it is sent
    Edit(edit::Args),
    /// Delete a text
    Drop(drop::Args),
}

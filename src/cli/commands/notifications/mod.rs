//! `appeal notifications`.

mod list;
mod read;
mod settings;

group! {
    #[command(
        long_about = "What you were told about appeals, and how you want to be told. Everything is in the account; by your \
                      settings it is sent by e-mail, text message and to a webhook besides. Kinds: `status` (something \
                      changed), `demand` (you have to do something), `control` (a deadline nears or has passed).",
        after_long_help = "Examples:\n  appeal notifications list --unread\n  appeal notifications read --all\n  \
                           appeal notifications settings --email on --kinds demand,control"
    )]

    /// List your notifications, newest first, or the journal of their deliveries
    List(list::Args),
    /// Mark notifications as read
    Read(read::Args),
    /// Show what you want to be told and how, or change it
    Settings(Box<settings::Args>),
}

//! `appeal notifications`.

mod list;
mod read;
mod settings;

group! {
    #[command(
        long_about = "Read notifications about appeals and choose how to receive them. All notifications appear in your \
                      account; they can also be sent by e-mail, SMS and webhook. Kinds: `status` (something changed), \
                      `demand` (you have to act), `control` (a deadline is near or has passed).",
        after_long_help = "Examples:\n  appeal notifications list --unread\n  appeal notifications read --all\n  \
                           appeal notifications settings --email on --kinds demand,control"
    )]

    /// List your notifications, or their deliveries
    List(list::Args),
    /// Mark notifications as read
    Read(read::Args),
    /// Show or change notification settings
    Settings(Box<settings::Args>),
}

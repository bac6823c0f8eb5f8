//! `appeal account`: the user's own profile, and the confirmation of their identity.

mod confirm;
mod edit;
mod shape;
mod show;

group! {
    #[command(after_long_help = "Examples:
  appeal account show
  appeal account edit --snils '112-233-445 95' --preferred email
  appeal account confirm --phone '+7 900 123-45-67'
  appeal account confirm --code 123456")]

    /// Show your account in full
    Show(show::Args),
    /// Edit your account
    Edit(edit::Args),
    /// Confirm your account by phone, or your e-mail
    Confirm(confirm::Args),
}

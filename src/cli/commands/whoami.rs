//! `appeal whoami`, and the same as `appeal auth status`: who is signed in, and what to do next (P2).

use crate::cli::base::{Context, Failure};
use crate::output::{Cell, Column, Shape};

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Show who is signed in: login, role, account state and next steps, contacts, organizations, and the \
                  scopes and expiry of the token. Also works for a blocked account.",
    after_long_help = "Examples:\n  appeal whoami\n  appeal whoami --jq .state\n  appeal --server local --as unconfirmed whoami"
)]
pub struct Args {}

const SHAPE: Shape = Shape {
    columns: &[
        Column::new("login", Cell::Text),
        Column::new("name", Cell::Text),
        Column::new("role", Cell::Word("role")),
        Column::new("state", Cell::Word("account state")),
        Column::new("blocked_reason", Cell::Text),
        Column::new("next_step", Cell::Text),
        Column::new("contacts.email", Cell::Text),
        Column::new("contacts.phone", Cell::Text),
        Column::new("contacts.preferred", Cell::Word("contact way")),
        Column::new("organizations.name", Cell::Join),
        Column::new("departments", Cell::Join),
        Column::new("levels", Cell::Join),
        Column::new("scopes", Cell::Join),
        Column::new("token_expires_at", Cell::Time),
    ],
    more: &[Column::new("organizations.inn", Cell::Join)],
    key: "login",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&SHAPE)?;
        let me = ctx.client().await?.me().await?;
        Ok(ctx.out.one(&me, &SHAPE)?)
    }
}

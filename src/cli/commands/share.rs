//! `appeal share`.

use crate::cli::args::fields::{KeyArg, Rehearse};
use crate::cli::args::values::{number, word};
use crate::cli::base::{Context, Failure};
use crate::output::{CHANGED_SHAPE, Cell, Column, Shape};
use appeal_api::ShareWith;
use appeal_domain::ParticipantRole;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Share an appeal with other people. Who may view reads the card, comments, files and journal; who may \
                  comment also writes comments with files; who represents does everything the applicant may, except \
                  sharing it further. Only the applicant shares, and whoever files for the same organization.",
    after_long_help = "Examples:\n  appeal share add 2026-0123456789-3 --with lawyer --role represent\n  appeal share list 2026-0123456789-3\n  \
                       appeal share remove 2026-0123456789-3 --with lawyer"
)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Share an appeal with somebody, or change their role
    #[command(
        after_long_help = "Example:\n  appeal share add 2026-0123456789-3 --with neighbour --role comment"
    )]
    Add {
        /// Number of the appeal
        #[arg(value_name = "NUMBER")]
        number: String,
        /// Login of the person
        #[arg(long, value_name = "LOGIN")]
        with: String,
        /// What they may do: view, comment, or represent the applicant
        #[arg(long, value_name = "ROLE", value_parser = word::<ParticipantRole>())]
        role: ParticipantRole,
        #[command(flatten)]
        key: KeyArg,
    },
    /// List the people an appeal is shared with
    #[command(
        after_long_help = "Example:\n  appeal share list 2026-0123456789-3 --columns login,role,added_at"
    )]
    List {
        /// Number of the appeal
        #[arg(value_name = "NUMBER")]
        number: String,
    },
    /// Stop sharing an appeal with somebody, at once
    #[command(after_long_help = "Example:\n  appeal share remove 2026-0123456789-3 --with neighbour")]
    Remove {
        /// Number of the appeal
        #[arg(value_name = "NUMBER")]
        number: String,
        /// Login of the person
        #[arg(long, value_name = "LOGIN")]
        with: String,
        #[command(flatten)]
        rehearse: Rehearse,
    },
}

const SHAPE: Shape = Shape {
    columns: &[
        Column::new("login", Cell::Text),
        Column::new("name", Cell::Text),
        Column::new("role", Cell::Word("participant role")),
        Column::new("added_at", Cell::Time),
        Column::new("added_by", Cell::Text),
    ],
    more: &[],
    essential: "login",
};

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        match self.command {
            Command::Add { number: given, with, role, key } => {
                let number = number(&given)?.to_string();
                ctx.out.expects(&CHANGED_SHAPE)?;
                let client = ctx.client().await?;
                let appeal = client.share(&number, &ShareWith { with, role }, &key.or_fresh()).await?;
                Ok(ctx.out.changed(&appeal, "done-share")?)
            }
            Command::List { number: given } => {
                let number = number(&given)?.to_string();
                ctx.out.expects(&SHAPE)?;
                let shares = ctx.client().await?.participants(&number).await?;
                let mut list = ctx.out.list(&SHAPE);
                for share in &shares {
                    list.push(share)?;
                }
                Ok(list.finish()?)
            }
            Command::Remove { number: given, with, rehearse: _ } => {
                let number = number(&given)?.to_string();
                ctx.out.expects(&CHANGED_SHAPE)?;
                let appeal = ctx.client().await?.unshare(&number, with.trim()).await?;
                Ok(ctx.out.changed(&appeal, "done-unshare")?)
            }
        }
    }
}

//! `appeal share add`.

use crate::cli::args::change::Move;
use crate::cli::args::values::word;
use crate::cli::base::{Context, Failure, Outcome};
use appeal_api::ShareWith;
use appeal_domain::ParticipantRole;
use appeal_i18n::message_id;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal share add 2026-0123456789-3 --with neighbour --role comment")]
pub struct Args {
    #[command(flatten)]
    change: Move,
    /// Login of the user
    #[arg(long, value_name = "LOGIN")]
    with: String,
    /// Role: view, comment, or represent the applicant
    #[arg(long, value_name = "ROLE", value_parser = word::<ParticipantRole>())]
    role: ParticipantRole,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let body = ShareWith { with: self.with, role: self.role };
        self.change
            .make(ctx, message_id!("done-share", number), |client, number, key| {
                client.share(number, &body, key)
            })
            .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{Bench, card, number, parse};

    #[tokio::test]
    async fn the_role_goes_by_its_word() {
        let mut bench = Bench::new([(200, card("in_progress"))]);
        let args: Args = parse(&[&number(), "--with", "lawyer", "--role", "represent"]);
        args.run(&mut bench.ctx).await.unwrap();
        assert_eq!(bench.seen()[0].body, serde_json::json!({ "with": "lawyer", "role": "represent" }));
    }
}

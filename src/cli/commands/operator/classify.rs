//! `appeal operator classify`.

use crate::cli::args::change::Move;
use crate::cli::args::values::word;
use crate::cli::base::{Context, Failure, Outcome};
use appeal_api::Classify;
use appeal_domain::Priority;
use appeal_i18n::message_id;

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Set the category or priority. A new category reroutes an undecided appeal to that category's \
                  department and an operator there, with deadlines recalculated from the filing by its policy.",
    after_long_help = "Examples:
  appeal operator classify 2026-0123456789-3 --category roads.repair
  appeal operator classify 2026-0123456789-3 --priority high"
)]
pub struct Args {
    #[command(flatten)]
    change: Move,
    /// Code of the category (`appeal category list`)
    #[arg(long, value_name = "CODE", required_unless_present = "priority")]
    category: Option<String>,
    /// Priority
    #[arg(long, value_name = "PRIORITY", value_parser = word::<Priority>())]
    priority: Option<Priority>,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let body = Classify { category: self.category, priority: self.priority };
        self.change
            .make(ctx, message_id!("done-classified", number), |client, number, key| {
                client.classify(number, &body, key)
            })
            .await
    }
}

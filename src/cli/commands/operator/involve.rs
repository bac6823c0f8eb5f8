//! `appeal operator involve`.

use crate::cli::args::change::Move;
use crate::cli::base::{Context, Failure, Outcome};
use appeal_api::Involve;
use appeal_i18n::message_id;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:
  appeal operator involve 2026-0123456789-3 --department roads
  appeal operator involve 2026-0123456789-3 --expert operator-health
  appeal operator involve 2026-0123456789-3 --department roads --remove")]
pub struct Args {
    #[command(flatten)]
    change: Move,
    /// Code of a department to involve with all its operators
    #[arg(long, value_name = "CODE", required_unless_present = "expert", conflicts_with = "expert")]
    department: Option<String>,
    /// Login of an operator or supervisor to involve
    #[arg(long, value_name = "LOGIN")]
    expert: Option<String>,
    /// Stop involving instead
    #[arg(long)]
    remove: bool,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let body = Involve { department: self.department, expert: self.expert, remove: self.remove };
        let done = if self.remove {
            message_id!("done-uninvolved", number)
        } else {
            message_id!("done-involved", number)
        };
        self.change.make(ctx, done, |client, number, key| client.involve(number, &body, key)).await
    }
}

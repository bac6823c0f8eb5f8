//! `appeal operator register`.

use crate::cli::args::values::word;
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::commands::create::{Sender, Written};
use appeal_domain::Channel;
use appeal_i18n::t;

/// Register an appeal for a person.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Register an appeal received by phone, e-mail, chat or in person, on the applicant's behalf. It is \
                  checked and filed as by `appeal create`, with the deadlines of its channel. Contacts and \
                  organization default to the applicant's profile. The journal records who registered it.",
    after_long_help = "Examples:
  appeal operator register --for petrov --channel phone --category housing.repairs \
    --subject 'No heating at 12 Forest Street' --text-file call.txt --expected 'Heating restored'
  appeal operator register --for petrov --channel in-person --from appeal.yaml --dry-run"
)]
pub struct Args {
    /// Login of the applicant
    #[arg(long = "for", value_name = "LOGIN")]
    applicant: String,
    /// Channel: phone, email, chat or in-person
    #[arg(long, value_name = "CHANNEL", value_parser = word::<Channel>(), hide_possible_values = true)]
    channel: Channel,
    #[command(flatten)]
    written: Written,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        if self.channel == Channel::Account {
            return Err(Failure::usage("--channel", t!(ctx.lang, "register-account")));
        }
        let sender = Sender::Operator { applicant: self.applicant, channel: self.channel };
        self.written.send(ctx, false, &sender).await
    }
}

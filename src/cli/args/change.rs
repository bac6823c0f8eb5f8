//! Arguments of a change: the number of the appeal, the idempotency key, `--dry-run`.

use crate::cli::args::values::{key, number};
use crate::cli::base::{Context, Failure, Outcome};
use crate::output::CHANGED_SHAPE;
use appeal_api::{Appeal, Received};
use appeal_client::{Change, Client};
use appeal_i18n::MessageId;

/// Id of [`DryRunArg`] among the parsed arguments.
pub const DRY_RUN: &str = "dry_run";

/// Id of the `--dry-run` of a command that prints a result of its own for it.
pub const OWN_DRY_RUN: &str = "own_dry_run";

/// A dry run of a command that changes something.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct DryRunArg {
    /// Check and print what would be sent or written, without changing anything
    #[arg(long, id = DRY_RUN, display_order = 901)]
    pub dry_run: bool,
}

/// Makes a request safe to repeat.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct OnlyKey {
    /// Idempotency key: repeating a request with the same key and content has no further effect [default: random]
    #[arg(long, value_name = "KEY", value_parser = key, display_order = 900)]
    pub idempotency_key: Option<String>,
}

impl OnlyKey {
    /// Returns the given key, or else that of the run.
    pub fn or_fresh(&self, ctx: &Context) -> String {
        ctx.key_for(self.idempotency_key.as_deref())
    }
}

/// How a change is sent: under which key, or as a dry run.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct KeyArg {
    #[command(flatten)]
    pub key: OnlyKey,
    #[command(flatten)]
    pub dry_run: DryRunArg,
}

impl KeyArg {
    /// Returns the given key, or else that of the run.
    pub fn or_fresh(&self, ctx: &Context) -> String {
        self.key.or_fresh(ctx)
    }
}

/// A change to one appeal.
#[derive(Debug, Clone, clap::Args)]
pub struct Move {
    /// Number of the appeal
    #[arg(value_name = "NUMBER")]
    pub number: String,
    #[command(flatten)]
    pub key: KeyArg,
}

/// A change whose number and columns have been checked.
#[derive(Debug, Clone)]
pub struct Begun {
    /// The number of the appeal or draft.
    pub number: String,
    /// The key it is sent under.
    pub key: String,
}

impl Move {
    /// Checks the number and the columns before anything is read or sent.
    ///
    /// # Errors
    /// The number is mistyped (exit 3); `--columns` names an unknown one (exit 2).
    pub fn begin(&self, ctx: &Context) -> Result<Begun, Failure> {
        let number = number(&self.number)?.to_string();
        ctx.out.expects(&CHANGED_SHAPE)?;
        Ok(Begun { number, key: self.key.or_fresh(ctx) })
    }

    /// Makes a change that needs only the number. `done` is the message of success.
    ///
    /// # Errors
    /// As [`Move::begin`]; the platform is not reached, or refuses.
    pub async fn make(
        &self,
        ctx: &mut Context,
        done: MessageId,
        change: impl FnOnce(&Client, &str, &str) -> Change<Received<Appeal>>,
    ) -> Result<Outcome, Failure> {
        self.begin(ctx)?.make(ctx, done, change).await
    }
}

impl Begun {
    /// Makes the change that `change` builds from the client, the number and the key. `done` is the message of success.
    ///
    /// # Errors
    /// The platform is not reached, or refuses.
    pub async fn make(
        &self,
        ctx: &mut Context,
        done: MessageId,
        change: impl FnOnce(&Client, &str, &str) -> Change<Received<Appeal>>,
    ) -> Result<Outcome, Failure> {
        let client = ctx.client().await?;
        ctx.change(change(&client, &self.number, &self.key), done).await
    }
}

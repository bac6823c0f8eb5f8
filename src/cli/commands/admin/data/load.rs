//! `appeal admin KIND load`.

use std::path::PathBuf;

use super::shapes::LOADED;
use super::{loaded, read};
use crate::cli::args::change::{OWN_DRY_RUN, OnlyKey};
use crate::cli::base::{Context, Failure, Outcome};
use appeal_api::LoadData;
use appeal_domain::DataKind;
use appeal_i18n::t;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "Load records from a file in JSON, JSON Lines, YAML, TOML or, for people and departments, CSV. \
                  Records whose key (login, code, id, name) is known are changed in the fields that are given; others \
                  are added. The whole file is checked first, and all findings are told together; then everything \
                  takes effect, or nothing.",
    after_long_help = "Examples:
  appeal admin people load people.csv --dry-run
  appeal admin categories list -o json | appeal admin categories load -

A list is an array of records, or in TOML tables named [[records]]; one record may stand alone. In CSV the elements of
a list are separated by '|' and an empty cell leaves the field as it is; elsewhere null clears a field. A person may
have a `password`: its hash is kept and it is never shown. A file of the calendar may have one year alone (`year: 2028`
with its holidays); other years stay. When calendar or policies change, open deadlines are counted anew."
)]
pub struct Args {
    /// The file; `-` is stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Check everything and say what would change; change nothing
    #[arg(long = "dry-run", id = OWN_DRY_RUN)]
    dry_run: bool,
    /// Remove records that are not in the file, as far as nothing needs them (not for people)
    #[arg(long)]
    prune: bool,
    #[command(flatten)]
    key: OnlyKey,
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context, kind: DataKind) -> Result<Outcome, Failure> {
        ctx.out.expects(&LOADED)?;
        if self.prune && kind == DataKind::People {
            return Err(Failure::usage("--prune", t!(ctx.lang, "admin-prune-people")));
        }
        let records = read::records(ctx, kind, &self.file).await?;
        let client = ctx.client().await?;
        let data = LoadData { records, prune: self.prune };
        let result = if self.dry_run {
            client.admin_load_dry_run(kind, &data).await?
        } else {
            client.admin_load(kind, &data, &self.key.or_fresh(ctx)).await?
        };
        loaded::print(ctx, result).map(Outcome::from)
    }
}

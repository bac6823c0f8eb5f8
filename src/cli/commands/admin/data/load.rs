//! `appeal admin KIND load`.

use std::path::PathBuf;

use super::shapes::LOADED;
use super::{loaded, read};
use crate::cli::args::change::{OWN_DRY_RUN, OnlyKey};
use crate::cli::base::{Context, Failure, Outcome};
use appeal_api::LoadData;
use appeal_domain::DataKind;
use appeal_i18n::t;

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Load records from a file in JSON, JSON Lines, YAML, TOML or, for people and departments, CSV. For \
                  records whose key (login, code, id, name) exists, the given fields are updated; other records are \
                  added. The whole file is checked first and all findings are reported together; then either every \
                  record is loaded or none.",
    after_long_help = "Examples:
  appeal admin people load people.csv --dry-run
  appeal admin categories list -o json | appeal admin categories load -

A file holds an array of records (in TOML, tables named [[records]]) or a single record. In CSV, separate the elements
of a list with '|'; an empty cell leaves the field unchanged. In other formats, null clears a field. A person may have
a `password`: only its hash is stored, and it is never shown. A calendar file may hold a single year (`year: 2028` and
its holidays); other years are kept. Changing the calendar or the policies recalculates open deadlines."
)]
pub struct Args {
    /// File to load; `-` is stdin
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Check everything and print what would change, without changing it
    #[arg(long = "dry-run", id = OWN_DRY_RUN)]
    dry_run: bool,
    /// Remove records that are not in the file and not in use (not for people)
    #[arg(long)]
    prune: bool,
    #[command(flatten)]
    key: OnlyKey,
}

impl Args {
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

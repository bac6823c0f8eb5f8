//! `appeal show`.

use serde_json::json;

use crate::cli::args::values::numbers;
use crate::cli::base::{Context, Failure};
use crate::output::APPEAL_SHAPE;
use appeal_api::{Appeal, Received};
use appeal_client::Client;

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Show the card of an appeal: its status and history, text, comments, official answers, files, \
                  deadlines of the next steps, linked appeals and participants.",
    after_long_help = "Examples:\n  appeal show 2026-0123456789-3\n  appeal show D-0123ABCD --json --jq .text\n  \
                       appeal show 2026-0123456789-3 --versions"
)]
pub struct Args {
    /// Numbers of appeals or drafts
    #[arg(required = true, value_name = "NUMBER")]
    pub numbers: Vec<String>,
    /// Include the journal of changes
    #[arg(long)]
    pub journal: bool,
    /// Include every version, with values before and after
    #[arg(long)]
    pub versions: bool,
}

impl Args {
    async fn card(&self, client: &Client, number: &str) -> appeal_client::Result<Received<Appeal>> {
        let mut appeal = client.show(number, self.journal).await?;
        if self.versions {
            let versions = client.versions(number).await?;
            appeal.came_with("versions", &versions);
            appeal.versions = Some(versions.into_iter().map(Received::into_known).collect());
        }
        Ok(appeal)
    }

    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        let numbers = numbers(&self.numbers)?;
        ctx.out.expects(&APPEAL_SHAPE)?;
        let client = ctx.client().await?;
        if let [number] = numbers[..] {
            let appeal = self.card(&client, &number.to_string()).await?;
            return Ok(ctx.out.appeal(&appeal)?);
        }
        // For people, cards below each other; otherwise a list.
        let cards = ctx.out.format() == crate::output::Format::Table && !ctx.out.is_quiet();
        let mut shown = Vec::new();
        let mut failures: Vec<Failure> = Vec::new();
        let mut first = true;
        for number in &numbers {
            match self.card(&client, &number.to_string()).await {
                Ok(appeal) if cards => {
                    if !std::mem::take(&mut first) {
                        ctx.out.data("\n")?;
                    }
                    ctx.out.appeal(&appeal)?;
                }
                Ok(appeal) => shown.push(appeal),
                Err(error) => {
                    let mut failure = Failure::from(error);
                    failure.details.insert(
                        0,
                        json!({ "number": number.to_string(), "code": failure.code, "message": failure.message }),
                    );
                    failure.message = format!("{number}: {}", failure.message);
                    failures.push(failure);
                }
            }
        }
        if !cards {
            let mut list = ctx.out.list(&APPEAL_SHAPE);
            for appeal in &shown {
                list.push(appeal)?;
            }
            list.finish()?;
        }
        Failure::of_several(failures).map_or(Ok(()), Err)
    }
}

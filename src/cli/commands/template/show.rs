//! `appeal template show`.

use serde_json::json;

use crate::cli::base::{Context, Failure};
use crate::output::{Cell, Column, Format, Shape};
use appeal_api::Placeholder;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal template show no-heating")]
pub struct Args {
    /// Id of the template
    #[arg(value_name = "ID")]
    id: String,
}

const SHAPE: Shape = Shape {
    columns: &[
        Column::new("id", Cell::Text),
        Column::new("title", Cell::Title),
        Column::new("kind", Cell::Word("kind")),
        Column::new("category", Cell::Code),
        Column::new("placeholders.name", Cell::Join),
        Column::new("subject", Cell::Text),
        Column::new("text", Cell::Text),
    ],
    more: &[],
    key: "id",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&SHAPE)?;
        let template = ctx.client().await?.template(&self.id).await?;
        if ctx.out.format() != Format::Table || ctx.globals.jq.is_some() {
            return Ok(ctx.out.one(&template, &SHAPE)?);
        }
        // For people, the description of a placeholder follows its name.
        let mut card = serde_json::to_value(&template).unwrap_or_default();
        let lang = ctx.lang;
        let titled = |p: &Placeholder| json!({ "name": format!("{} ({})", lang.pick(&p.title), p.name) });
        card["placeholders"] = template.placeholders.iter().map(titled).collect();
        Ok(ctx.out.one(&card, &SHAPE)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::testing::{Bench, parse, problem};

    #[tokio::test]
    async fn one_that_is_not_there_is_not_found() {
        let mut bench = Bench::new([problem(404, "not_found")]);
        let failure = parse::<Args>(&["none"]).run(&mut bench.ctx).await.unwrap_err();
        assert_eq!(failure.exit, crate::cli::base::Exit::NotFound);
        assert_eq!(bench.seen()[0].line, "GET /v1/templates/none");
    }
}

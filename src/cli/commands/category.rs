//! `appeal category`.

use serde_json::{Value, json};

use crate::cli::base::{Context, Failure};
use crate::output::{Cell, Column, Format, Shape};
use appeal_api::{Category, Titles};
use appeal_i18n::{Lang, t};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    long_about = "The categories of appeals, a tree: what each is for, and the fields and documents it asks for.",
    after_long_help = "Examples:\n  appeal category list\n  appeal category show housing.repairs"
)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the categories, each below the one it belongs to
    #[command(after_long_help = "Example:\n  appeal category list -q")]
    List,
    /// Show a category with the fields and documents it asks for
    #[command(after_long_help = "Example:\n  appeal category show housing.repairs")]
    Show {
        /// Code of the category
        #[arg(value_name = "CODE")]
        code: String,
    },
}

const SHAPE: Shape = Shape {
    columns: &[
        Column::new("code", Cell::Text),
        Column::new("title", Cell::Title),
        Column::new("hint", Cell::Title),
    ],
    more: &[
        Column::new("parent", Cell::Text),
        Column::new("access", Cell::Word("access")),
        Column::new("department", Cell::Text),
        Column::new("policy", Cell::Text),
        Column::new("documents", Cell::Count),
        Column::new("fields", Cell::Count),
        Column::new("documents.code", Cell::Join),
        Column::new("fields.key", Cell::Join),
        Column::new("attachments.max_files", Cell::Number),
        Column::new("attachments.max_file_bytes", Cell::Size),
        Column::new("attachments.max_total_bytes", Cell::Size),
        Column::new("attachments.extensions", Cell::Join),
    ],
    essential: "code",
};

const CARD: Shape = Shape {
    columns: &[
        Column::new("code", Cell::Text),
        Column::new("title", Cell::Title),
        Column::new("hint", Cell::Title),
        Column::new("parent", Cell::Text),
        Column::new("access", Cell::Word("access")),
        Column::new("department", Cell::Text),
        Column::new("policy", Cell::Text),
        Column::new("required_fields", Cell::Join),
        Column::new("optional_fields", Cell::Join),
        Column::new("required_documents", Cell::Join),
        Column::new("optional_documents", Cell::Join),
        Column::new("attachments.max_files", Cell::Number),
        Column::new("attachments.max_file_bytes", Cell::Size),
        Column::new("attachments.max_total_bytes", Cell::Size),
        Column::new("attachments.extensions", Cell::Join),
    ],
    more: &[Column::new("documents.code", Cell::Join), Column::new("fields.key", Cell::Join)],
    essential: "code",
};

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        match self.command {
            Command::List => {
                ctx.out.expects(&SHAPE)?;
                let categories = ctx.client().await?.categories().await?;
                let mut list = ctx.out.list(&SHAPE);
                for category in &categories {
                    list.push(category)?;
                }
                Ok(list.finish()?)
            }
            Command::Show { code } => {
                ctx.out.expects(&CARD)?;
                let category = ctx.client().await?.category(&code).await?;
                if ctx.out.format() == Format::Json
                    || ctx.out.format() == Format::Jsonl
                    || ctx.globals.jq.is_some()
                {
                    return Ok(ctx.out.one(&category, &CARD)?);
                }
                let lang = ctx.lang;
                Ok(ctx.out.one(&card(&category, lang), &CARD)?)
            }
        }
    }
}

/// The category with what it asks for in words.
fn card(category: &Category, lang: Lang) -> Value {
    let mut value = serde_json::to_value(category).unwrap_or_default();
    let line = |title: &Titles, code: &str| format!("{} ({code})", lang.pick(title));
    let fields = |required: bool| -> Vec<String> {
        category.fields.iter().filter(|f| f.required == required).map(|f| line(&f.title, &f.key)).collect()
    };
    let documents = |required: bool| -> Vec<String> {
        category
            .documents
            .iter()
            .filter(|d| d.required == required)
            .map(|d| line(&d.title, &d.code))
            .collect()
    };
    let none = |items: Vec<String>| if items.is_empty() { vec![t(lang, "word-none", &[])] } else { items };
    value["required_fields"] = json!(none(fields(true)));
    value["optional_fields"] = json!(none(fields(false)));
    value["required_documents"] = json!(none(documents(true)));
    value["optional_documents"] = json!(none(documents(false)));
    value
}

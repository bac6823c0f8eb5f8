//! `appeal category show`.

use serde_json::{Value, json};

use crate::cli::base::{Context, Failure};
use crate::output::{Cell, Column, Shape};
use appeal_api::{Category, Titles};
use appeal_i18n::{Lang, t};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal category show housing.repairs")]
pub struct Args {
    /// Code of the category
    #[arg(value_name = "CODE")]
    code: String,
}

const SHAPE: Shape = Shape {
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
    key: "code",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&SHAPE)?;
        let category = ctx.client().await?.category(&self.code).await?;
        if ctx.out.is_json() {
            return Ok(ctx.out.one(&category, &SHAPE)?);
        }
        let lang = ctx.lang;
        Ok(ctx.out.one(&card(&category, lang), &SHAPE)?)
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
    let none = |items: Vec<String>| if items.is_empty() { vec![t!(lang, "word-none")] } else { items };
    value["required_fields"] = json!(none(fields(true)));
    value["optional_fields"] = json!(none(fields(false)));
    value["required_documents"] = json!(none(documents(true)));
    value["optional_documents"] = json!(none(documents(false)));
    value
}

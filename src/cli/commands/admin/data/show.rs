//! `appeal admin KIND show`.

use super::shapes::{shapes, shown};
use crate::cli::base::{Context, Failure};
use appeal_domain::DataKind;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Login, code, id or name
    #[arg(value_name = "ID")]
    id: String,
}

impl Args {
    pub async fn run(self, ctx: &mut Context, kind: DataKind) -> Result<(), Failure> {
        let (_, shape) = shapes(kind);
        ctx.out.expects(shape)?;
        let record = ctx.client().await?.admin_record(kind, &self.id).await?;
        let record = shown(ctx.out.is_json(), kind, record);
        Ok(ctx.out.one(&record, shape)?)
    }
}

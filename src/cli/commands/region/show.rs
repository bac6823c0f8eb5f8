//! `appeal region show`.

use crate::cli::base::{Context, Exit, Failure};
use crate::output::{Cell, Column, Shape};
use appeal_domain::Regions;
use appeal_domain::regions::Found;
use appeal_i18n::message;

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Example:\n  appeal region show НСО")]
pub struct Args {
    /// Code or name of the region
    #[arg(value_name = "REGION")]
    region: String,
}

const WITH_NAMES: Shape = Shape {
    columns: &[
        Column::new("code", Cell::Text),
        Column::new("title", Cell::Title),
        Column::new("names", Cell::Join),
    ],
    more: &[],
    key: "code",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&WITH_NAMES)?;
        let list = ctx.client().await?.regions().await?;
        let known: Regions = list.iter().map(|region| (**region).clone()).collect::<Vec<_>>().into();
        let given = &self.region;
        match known.find(given) {
            Found::One(found) => {
                for region in list.iter().filter(|region| region.code == found.code) {
                    ctx.out.one(region, &WITH_NAMES)?;
                }
                Ok(())
            }
            Found::Several(found) => {
                let named =
                    found.iter().map(|region| format!("{} ({})", ctx.lang.pick(&region.title), region.code));
                let regions = named.collect::<Vec<_>>().join(", ");
                let message = message!("failure-region-ambiguous", given, regions);
                Err(Failure::from_message(Exit::Invalid, "region_ambiguous", message))
            }
            Found::Unknown => {
                let message = message!("failure-region-unknown", given);
                Err(Failure::from_message(Exit::NotFound, "not_found", message))
            }
        }
    }
}

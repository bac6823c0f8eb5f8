//! Appeals: filing, reading, and everything that is done to one.

mod files;
mod filing;
mod moves;
mod reading;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::extract::Reader;
use super::state::App;
use crate::platform::service::context::Ctx;

/// A body that says nothing: `{}` or no bytes at all.
#[derive(Debug, Clone, Copy, Default, serde::Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Routes under `/v1/appeals`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(reading::list_appeals, filing::create_appeal))
        .routes(routes!(reading::show_appeal, filing::edit_appeal, filing::discard_draft))
        .routes(routes!(filing::submit_draft))
        .routes(routes!(moves::comment))
        .routes(routes!(moves::reply))
        .routes(routes!(moves::cancel))
        .routes(routes!(moves::confirm))
        .routes(routes!(moves::close))
        .routes(routes!(moves::repeat))
        .routes(routes!(moves::escalate))
        .routes(routes!(moves::rate))
        .routes(routes!(moves::take))
        .routes(routes!(moves::review))
        .routes(routes!(moves::assign))
        .routes(routes!(moves::ask))
        .routes(routes!(moves::redirect))
        .routes(routes!(moves::answer))
        .routes(routes!(moves::refuse))
        .routes(routes!(moves::uphold))
        .routes(routes!(moves::change))
        .routes(routes!(moves::return_to_work))
        .routes(routes!(reading::show_journal))
        .routes(routes!(files::list_files, files::attach_files))
        .routes(routes!(files::download_file, files::remove_file))
        .routes(routes!(files::list_versions))
        .routes(routes!(files::restore_version))
}

/// What a reading use case is told besides its arguments.
fn context(app: &App, reader: Reader) -> Ctx {
    Ctx { caller: reader.caller, now: app.now(), lang: reader.lang }
}

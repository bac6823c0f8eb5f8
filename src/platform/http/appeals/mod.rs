//! Appeals: filing, reading, and everything that is done to one.

use utoipa_axum::router::OpenApiRouter;

use super::state::App;

/// Routes under `/v1/appeals`.
pub fn routes() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}

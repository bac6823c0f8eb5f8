//! Routes: one file a resource, each handler with its parameters and its OpenAPI side beside it.

pub mod appeals;
pub mod extract;
pub mod respond;
pub mod state;

use axum::Router;

use state::App;

/// Every route of the platform.
pub fn router(app: App) -> Router {
    Router::new().with_state(app)
}

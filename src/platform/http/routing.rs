//! Registration of routes: one line with the handler and the [`Access`] it requires. The lines are used in two ways: to
//! build the routes, and to build them with their descriptions. Building the description of every operation with all
//! schemas takes milliseconds, which a command with an embedded platform should not spend.

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::MethodRouter;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouter};

use super::access::Access;
use super::gate;
use super::openapi::complete;
use crate::app::App;

/// Routes being collected.
pub enum Routes {
    /// Routes behind the gate.
    Answering(Router<App>, App),
    /// Routes with their descriptions.
    Described(Box<OpenApiRouter<App>>),
}

impl Routes {
    /// Adds a handler; `router` and `described` are the same handler.
    pub fn with(
        self,
        access: Access,
        router: fn() -> (String, MethodRouter<App>),
        described: fn() -> UtoipaMethodRouter<App>,
    ) -> Self {
        match self {
            Routes::Answering(routes, app) => {
                let (path, handler) = router();
                let gate = from_fn_with_state((app.clone(), access), gate::enter);
                Routes::Answering(routes.route(&path, handler.route_layer(gate)), app)
            }
            Routes::Described(routes) => {
                let mut described = described();
                complete(&mut described.1, &access);
                Routes::Described(Box::new(routes.routes(described)))
            }
        }
    }
}

/// Adds handlers to [`Routes`], one per line: `module::handler: access` (`self` for this module).
macro_rules! routes {
    ($routes:expr; $($module:ident::$handler:ident: $access:expr),+ $(,)?) => {
        $routes$(.with(
            $access,
            || utoipa_axum::paste! {{
                use utoipa::Path as _;
                use utoipa_axum::PathItemExt as _;
                let mut router = axum::routing::MethodRouter::new();
                for method in $module::[<__path_ $handler>]::methods() {
                    router = router.on(method.to_method_filter(), $module::$handler);
                }
                ($module::[<__path_ $handler>]::path(), router)
            }},
            || utoipa_axum::routes!($module::$handler),
        ))+
    };
}
pub(crate) use routes;

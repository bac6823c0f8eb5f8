//! Two readings of one list of handlers: the routes that answer, and those with their description. The description of
//! every operation with all its schemas takes milliseconds to make, which a command of the embedded platform, that
//! asks one or two things and ends, has no use for.

use axum::Router;
use axum::routing::MethodRouter;
use utoipa_axum::router::OpenApiRouter;

use crate::app::App;

/// Routes being collected.
pub enum Routes {
    /// They answer.
    Answering(Router<App>),
    /// They are described as well.
    Described(Box<OpenApiRouter<App>>),
}

impl Routes {
    /// Adds handlers of one path; `router` and `described` are the same ones.
    pub fn with(
        self,
        router: impl FnOnce() -> (String, MethodRouter<App>),
        described: impl FnOnce() -> utoipa_axum::router::UtoipaMethodRouter<App>,
    ) -> Self {
        match self {
            Routes::Answering(routes) => {
                let (path, handlers) = router();
                Routes::Answering(routes.route(&path, handlers))
            }
            Routes::Described(routes) => Routes::Described(Box::new(routes.routes(described()))),
        }
    }
}

/// Adds handlers to [`Routes`]: a line for each path, every handler with its module (`self` for this one).
macro_rules! handlers {
    ($routes:expr; $([$($module:ident::$handler:ident),+ $(,)?])+) => {
        $routes$(.with(
            || utoipa_axum::paste! {{
                use utoipa::Path as _;
                use utoipa_axum::PathItemExt as _;
                let [path, ..] = [$($module::[<__path_ $handler>]::path()),+];
                let mut router = axum::routing::MethodRouter::new();
                $(
                    for method in $module::[<__path_ $handler>]::methods() {
                        router = router.on(method.to_method_filter(), $module::$handler);
                    }
                )+
                (path, router)
            }},
            || utoipa_axum::routes!($($module::$handler),+),
        ))+
    };
}
pub(crate) use handlers;

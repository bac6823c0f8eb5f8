//! The OpenAPI document, made from the handlers.

use utoipa::OpenApi;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, RefOr, ResponseBuilder};

use appeal_api::{PROBLEM_JSON, Problem};

/// Paths that need no token.
const OPEN: [&str; 16] = [
    "/healthz",
    "/metrics",
    "/readyz",
    "/v1/limits",
    "/v1/categories",
    "/v1/categories/{code}",
    "/v1/templates",
    "/v1/templates/{id}",
    "/v1/departments",
    "/v1/deadlines",
    "/v1/sign-in",
    "/v1/sign-in/way",
    "/v1/sign-in/code",
    "/v1/password-reset",
    "/v1/password-reset/code",
    "/openapi.json",
];

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Appeals platform",
        description = "File appeals with public authorities and follow them to an answer. Times are RFC 3339 in UTC. \
                       A POST with an `Idempotency-Key` may be repeated after any failure and has its effect once, \
                       but for those that sign in or change the account, whose answers are kept nowhere; \
                       `dry_run=true` checks everything and keeps nothing. Files go up first, then a request names \
                       them by their digest.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(Problem))
)]
struct Base;

/// What the document has besides the routes.
pub fn base() -> utoipa::openapi::OpenApi {
    let mut api = Base::openapi();
    let components = api.components.get_or_insert_default();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some("An access token: POST /v1/sign-in gives one, POST /v1/tokens issues more."))
        .build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let problem = ResponseBuilder::new()
        .description("A problem (RFC 9457), told apart by its code")
        .content(
            PROBLEM_JSON,
            Content::new(Some(RefOr::Ref(utoipa::openapi::Ref::from_schema_name("Problem")))),
        )
        .build();
    components.responses.insert("Problem".to_owned(), RefOr::T(problem));
    api
}

/// The document as text: indented, in the order of the code.
pub fn text(mut api: utoipa::openapi::OpenApi) -> String {
    for (path, item) in &mut api.paths.paths {
        let operations =
            [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.head, &mut item.patch];
        for operation in operations.into_iter().flatten() {
            complete(operation, OPEN.contains(&path.as_str()));
        }
    }
    let mut text = api.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// Any operation may end in a problem, and most need a token.
fn complete(operation: &mut Operation, open: bool) {
    let problem = RefOr::Ref(utoipa::openapi::Ref::from_response_name("Problem"));
    operation.responses.responses.insert("default".to_owned(), problem);
    if !open {
        operation.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>("bearer", [])]);
    }
}

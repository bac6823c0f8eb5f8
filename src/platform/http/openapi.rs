//! The OpenAPI document, generated from the handlers.

use utoipa::OpenApi;
use utoipa::openapi::path::Paths;
use utoipa::openapi::schema::AnyOf;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Components, Content, Ref, RefOr, ResponseBuilder, Schema};

use super::access::Access;
use appeal_api::{PROBLEM_JSON, Problem};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Appeals platform",
        description = "File appeals with public authorities and follow them to an answer. Times are RFC 3339 in UTC. \
                       A POST with an `Idempotency-Key` can be repeated after any failure and takes effect once, \
                       except requests that sign in or change the account, because their responses are not stored. \
                       `dry_run=true` checks a request without saving anything. Files are uploaded first; requests \
                       then refer to them by their digest.",
        license(name = "MIT OR Apache-2.0", identifier = "MIT OR Apache-2.0")
    ),
    components(schemas(Problem))
)]
struct Base;

/// The parts of the document other than the routes.
pub fn base() -> utoipa::openapi::OpenApi {
    let mut api = Base::openapi();
    let components = api.components.get_or_insert_default();
    let bearer = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .description(Some(
            "An access token, from POST /v1/sign-in/code or POST /v1/tokens. Each operation lists scopes, one of which \
             the token must have; `session` stands for a session signed in within the last ten minutes.",
        ))
        .build();
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    let problem = ResponseBuilder::new()
        .description("A problem (RFC 9457), identified by its code")
        .content(PROBLEM_JSON, Content::new(Some(RefOr::Ref(Ref::from_schema_name("Problem")))))
        .build();
    components.responses.insert("Problem".to_owned(), RefOr::T(problem));
    api
}

/// Returns the document as indented text, in the order of the code.
pub fn text(mut api: utoipa::openapi::OpenApi) -> String {
    if let Some(components) = &mut api.components {
        open_words(components);
    }
    let mut text = api.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

/// Adds to the operations of a route what its [`Access`] implies: the required token, and problems as responses.
pub fn complete(paths: &mut Paths, access: &Access) {
    for item in paths.paths.values_mut() {
        let operations =
            [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.head, &mut item.patch];
        for operation in operations.into_iter().flatten() {
            let problem = RefOr::Ref(Ref::from_response_name("Problem"));
            operation.responses.responses.insert("default".to_owned(), problem);
            if !access.is_open() {
                operation.security = Some(tokens(access));
            }
        }
    }
}

/// The accepted tokens: those with any of the scopes, or sessions only.
fn tokens(access: &Access) -> Vec<SecurityRequirement> {
    let any = |scopes: &[&str]| SecurityRequirement::new("bearer", scopes.iter().copied());
    if access.needs_session() {
        return vec![any(&["session"])];
    }
    match access.scopes() {
        [] => vec![any(&[])],
        scopes => scopes.iter().map(|scope| any(&[scope.as_str()])).collect(),
    }
}

/// A [`Word`](appeal_domain::Word) is described as the `oneOf` of an untagged enumeration. Because a known word matches
/// both alternatives, it must be `anyOf`; and the vocabulary becomes a reference, because requests use it too.
fn open_words(components: &mut Components) {
    let mut vocabularies = Vec::new();
    for (name, schema) in &mut components.schemas {
        let (Some(vocabulary), RefOr::T(Schema::OneOf(one))) = (name.strip_prefix("Word_"), &mut *schema)
        else {
            continue;
        };
        let mut any = AnyOf::new();
        any.description = one.description.take();
        any.items = std::mem::take(&mut one.items);
        if let Some(known) = any.items.first_mut() {
            let named = RefOr::Ref(Ref::from_schema_name(vocabulary));
            vocabularies.push((vocabulary.to_owned(), std::mem::replace(known, named)));
        }
        *schema = RefOr::T(Schema::AnyOf(any));
    }
    components.schemas.extend(vocabularies);
}

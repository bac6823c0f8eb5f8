//! `appeal api`: signed-in requests to any route of the platform's API.

use base64::Engine as _;
use http::header::{CONTENT_TYPE, LINK};
use http_body_util::BodyExt;
use reqwest::Method;
use serde_json::{Map, Value, json};

use crate::cli::args::change::DryRunArg;
use crate::cli::base::failure::lang;
use crate::cli::base::{Context, DryRun, Exit, Failure, Outcome};
use crate::output::{self, Format};
use appeal_api::{IDEMPOTENCY_KEY, Problem};
use appeal_client::{Client, ResponseBody};
use appeal_i18n::{message, t};

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Fields:
  --field subject='Нет отопления'     a string
  --field contacts.email=a@b.example  a nested object
  --field 'draft:=true'               a JSON value: number, true, null, array, object
For GET, HEAD and DELETE, fields become query parameters; for other methods, the JSON body.

Examples:
  appeal api GET /v1/me --jq .login
  appeal api GET /v1/appeals --field status=submitted --paginate --jq '.items[].number'
  appeal api POST /v1/appeals/2026-0123456789-3/comments --field text='Прилагаю счёт'
  appeal api POST /v1/appeals --input appeal.json --dry-run

With --paginate and -o jsonl, each item is printed on its own line as its page arrives, and --jq gets one item at a
time. With -o csv or --columns, items become rows: --columns number,status,contacts.email. A response that is not JSON
is printed as is; with -o json, as {status, media_type, size, text}, or with base64 for a binary one.

A POST is sent with an idempotency key, so it is retried if the response is lost. An error response sets the same exit
code as in other commands.")]
pub struct Args {
    /// HTTP method
    #[arg(value_name = "METHOD", value_parser = method)]
    pub method: Method,
    /// Path, such as `/v1/appeals`
    #[arg(value_name = "PATH", value_parser = path)]
    pub path: String,
    /// Field: `KEY=TEXT`, or `KEY:=JSON`; can be repeated
    #[arg(long = "field", value_name = "KEY=VALUE", value_parser = field)]
    pub fields: Vec<Field>,
    /// Read the request body from a file; `-` is stdin
    #[arg(long, value_name = "FILE", conflicts_with = "fields")]
    pub input: Option<std::path::PathBuf>,
    /// Media type of the body [default: application/json]
    #[arg(long, value_name = "TYPE", requires = "input")]
    pub content_type: Option<String>,
    /// Fetch every page and merge them into one result (GET only)
    #[arg(long)]
    pub paginate: bool,
    /// Idempotency key of a POST [default: random]
    #[arg(long, value_name = "KEY", value_parser = crate::cli::args::values::key)]
    pub idempotency_key: Option<String>,
    #[command(flatten)]
    pub dry_run: DryRunArg,
}

/// A field of the command line: its path and value.
#[derive(Debug, Clone, PartialEq)]
pub struct Field {
    key: String,
    value: Value,
}

fn method(text: &str) -> Result<Method, String> {
    Method::from_bytes(text.trim().to_ascii_uppercase().as_bytes())
        .map_err(|_| t!(lang(), "value-api-method", value = text))
}

fn path(text: &str) -> Result<String, String> {
    if text.contains("://") || text.starts_with("//") {
        return Err(t!(lang(), "value-api-path-host"));
    }
    let path = if text.starts_with('/') { text.to_owned() } else { format!("/{text}") };
    path.parse::<http::Uri>().map_err(|_| t!(lang(), "value-api-path", value = text))?;
    Ok(path)
}

/// Reads `KEY=TEXT` or `KEY:=JSON`.
fn field(text: &str) -> Result<Field, String> {
    let (key, value) = text.split_once('=').ok_or_else(|| t!(lang(), "value-api-field"))?;
    let (key, value) = match key.strip_suffix(':') {
        Some(key) => {
            let json = serde_json::from_str(value);
            (key, json.map_err(|error| t!(lang(), "value-api-field-json", error))?)
        }
        None => (key, Value::String(value.to_owned())),
    };
    if key.is_empty() || key.split('.').any(str::is_empty) {
        return Err(t!(lang(), "value-api-field-empty"));
    }
    Ok(Field { key: key.to_owned(), value })
}

/// Builds the JSON object of the fields.
fn body(fields: &[Field]) -> Result<Value, String> {
    let mut root = Map::new();
    for Field { key, value } in fields {
        let mut place = &mut root;
        let mut parts: Vec<&str> = key.split('.').collect();
        let last = parts.pop().unwrap_or_default();
        for part in parts {
            let inner = place.entry(part).or_insert_with(|| Value::Object(Map::new()));
            place = inner.as_object_mut().ok_or_else(|| t!(lang(), "value-api-field-inside", key, part))?;
        }
        if place.insert(last.to_owned(), value.clone()).is_some() {
            return Err(t!(lang(), "value-api-field-twice", key));
        }
    }
    Ok(Value::Object(root))
}

fn with_fields(path: &str, fields: &[Field]) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for Field { key, value } in fields {
        match value {
            Value::String(text) => query.append_pair(key, text),
            other => query.append_pair(key, &other.to_string()),
        };
    }
    match query.finish() {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}{}{query}", if path.contains('?') { '&' } else { '?' }),
    }
}

/// Returns the target of `Link: <…>; rel="next"` (RFC 8288): its path and query.
fn next_of(links: &str) -> Option<String> {
    let mut rest = links;
    while let Some(start) = rest.find('<') {
        let end = start + rest[start..].find('>')?;
        let target = &rest[start + 1..end];
        rest = &rest[end + 1..];
        let parameters = &rest[..rest.find('<').unwrap_or(rest.len())];
        let is_next = parameters.split([';', ',']).any(|parameter| {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            name.trim().eq_ignore_ascii_case("rel")
                && value
                    .trim()
                    .trim_matches('"')
                    .split_ascii_whitespace()
                    .any(|r| r.eq_ignore_ascii_case("next"))
        });
        if is_next {
            let uri: http::Uri = target.parse().ok()?;
            return uri.path_and_query().map(ToString::to_string);
        }
    }
    None
}

/// A successful response.
struct Answer {
    status: u16,
    kind: Option<String>,
    bytes: bytes::Bytes,
    json: bool,
    next: Option<String>,
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        if self.paginate && self.method != Method::GET {
            return Err(Failure::usage("--paginate", t!(ctx.lang, "api-paginate-get")));
        }
        let in_query = matches!(self.method, Method::GET | Method::HEAD | Method::DELETE);
        let path = if in_query { with_fields(&self.path, &self.fields) } else { self.path.clone() };
        let body =
            match &self.input {
                Some(file) if file.as_os_str() == "-" => Some(ctx.stdin("--input").await?),
                Some(file) => Some(tokio::fs::read(file).await.map_err(|error| {
                    crate::cli::args::texts::unreadable(&file.display().to_string(), &error)
                })?),
                None if in_query || self.fields.is_empty() && self.method != Method::POST => None,
                None => {
                    let body = body(&self.fields).map_err(|error| Failure::usage("--field", error))?;
                    Some(serde_json::to_vec(&body).map_err(std::io::Error::other)?)
                }
            };
        let key = (self.method == Method::POST).then(|| ctx.key_for(self.idempotency_key.as_deref()));
        let mut headers: Vec<(&str, &str)> = Vec::new();
        if let Some(key) = &key {
            headers.push((IDEMPOTENCY_KEY, key));
        }
        if let Some(kind) = &self.content_type {
            headers.push(("content-type", kind));
        }
        if ctx.is_dry_run() {
            // Not every route supports a dry run, so nothing is sent.
            let request = match &body {
                None => Value::Null,
                Some(bytes) => serde_json::from_slice(bytes)
                    .unwrap_or_else(|_| String::from_utf8_lossy(bytes).into_owned().into()),
            };
            return Ok(DryRun::default().request(&self.method, &path, &headers, request).into());
        }
        let client = ctx.client().await?;
        let answer = ask(&client, &self.method, &path, body, &headers).await?;
        if self.paginate {
            all_pages(ctx, &client, answer).await?;
        } else {
            print(ctx, &answer)?;
        }
        Ok(Outcome::Done)
    }
}

async fn ask(
    client: &Client,
    method: &Method,
    path: &str,
    body: Option<Vec<u8>>,
    headers: &[(&str, &str)],
) -> Result<Answer, Failure> {
    let response = client.raw(method.clone(), path, body.map(Into::into), headers).await?;
    let (parts, body): (_, ResponseBody) = response.into_parts();
    let bytes = body.collect().await.map_err(|e| appeal_client::Error::Protocol(e.to_string()))?.to_bytes();
    if !parts.status.is_success() {
        return Err(match serde_json::from_slice::<Problem>(&bytes) {
            Ok(problem) => appeal_client::Error::Problem(Box::new(problem)).into(),
            Err(_) => refused(parts.status.as_u16()),
        });
    }
    let header = |name| parts.headers.get(name).and_then(|v: &http::HeaderValue| v.to_str().ok());
    Ok(Answer {
        status: parts.status.as_u16(),
        kind: header(CONTENT_TYPE).map(ToOwned::to_owned),
        json: header(CONTENT_TYPE).is_some_and(|kind| kind.contains("json") && !kind.contains("ndjson")),
        next: parts.headers.get_all(LINK).iter().filter_map(|v| v.to_str().ok()).find_map(next_of),
        bytes,
    })
}

/// An error without a problem document: from a proxy, or of a HEAD request. The status decides.
fn refused(status: u16) -> Failure {
    let problem = Problem {
        kind: String::new(),
        status,
        title: String::new(),
        code: String::new(),
        detail: String::new(),
        hint: None,
        errors: Vec::new(),
        moves: Vec::new(),
        possible_at: None,
    };
    Failure::from_message(
        Exit::of_problem(&problem),
        "http",
        message!("api-refused", status = format!("HTTP {status}")),
    )
}

/// Parses a JSON response.
fn parsed(answer: &Answer) -> Result<Value, Failure> {
    serde_json::from_slice(&answer.bytes).map_err(|e| appeal_client::Error::Protocol(e.to_string()).into())
}

fn print(ctx: &mut Context, answer: &Answer) -> Result<(), Failure> {
    let fields = ctx.out.is_json();
    if answer.json && !answer.bytes.is_empty() {
        let value = parsed(answer)?;
        return match value {
            // One object per line.
            Value::Array(items) if ctx.out.format() == Format::Jsonl => {
                items.iter().try_for_each(|item| Ok(ctx.out.json(item)?))
            }
            value => Ok(ctx.out.json(&value)?),
        };
    }
    if fields {
        return Ok(ctx.out.json(&described(answer))?);
    }
    match std::str::from_utf8(&answer.bytes) {
        Ok(text) => Ok(ctx.out.data(text)?),
        Err(_) => Ok(ctx.out.bytes(&answer.bytes)?),
    }
}

/// JSON representation of a response that is not JSON: an empty body, a text, a file.
fn described(answer: &Answer) -> Value {
    let mut value = json!({ "status": answer.status, "media_type": answer.kind, "size": answer.bytes.len() });
    match std::str::from_utf8(&answer.bytes) {
        Ok("") => {}
        Ok(text) => value["text"] = text.into(),
        Err(_) => value["base64"] = base64::engine::general_purpose::STANDARD.encode(&answer.bytes).into(),
    }
    value
}

/// Merges the pages: lists into one list, the items of objects into one object. With JSON Lines, every item is printed
/// as its page arrives.
async fn all_pages(ctx: &mut Context, client: &Client, first: Answer) -> Result<(), Failure> {
    let mut whole: Option<Value> = None;
    let mut answer = first;
    loop {
        let page = parsed(&answer)?;
        if ctx.out.format() == Format::Jsonl {
            for item in output::items(page) {
                ctx.out.json(&item)?;
            }
        } else {
            match &mut whole {
                None => whole = Some(page),
                Some(whole) => append(whole, page)?,
            }
        }
        let Some(path) = answer.next else { break };
        let page = ask(client, &Method::GET, &path, None, &[]).await?;
        if page.next.as_deref() == Some(path.as_str()) {
            return Err(
                appeal_client::Error::Protocol("the list names the same page again".to_owned()).into()
            );
        }
        answer = page;
    }
    let Some(mut whole) = whole else { return Ok(()) };
    if let Value::Object(all) = &mut whole {
        all.remove("next");
    }
    Ok(ctx.out.json(&whole)?)
}

/// Adds a page to the previous ones.
fn append(whole: &mut Value, page: Value) -> Result<(), Failure> {
    match (whole, page) {
        (Value::Array(all), Value::Array(more)) => {
            all.extend(more);
            Ok(())
        }
        (Value::Object(all), Value::Object(mut page)) => {
            if let (Some(Value::Array(items)), Some(Value::Array(more))) =
                (all.get_mut("items"), page.get_mut("items"))
            {
                items.append(more);
            }
            Ok(())
        }
        _ => Err(appeal_client::Error::Protocol("the pages differ in form".to_owned()).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(texts: &[&str]) -> Vec<Field> {
        texts.iter().map(|text| field(text).unwrap()).collect()
    }

    #[test]
    fn dots_make_objects_and_colons_make_values() {
        let made =
            body(&fields(&["a=1", "b:=1", "c.d=x=y", "c.e:=[1,null]", "f:={\"g\":true}", "h="])).unwrap();
        assert_eq!(
            made,
            json!({"a": "1", "b": 1, "c": {"d": "x=y", "e": [1, null]}, "f": {"g": true}, "h": ""})
        );
    }

    #[test]
    fn fields_that_contradict_each_other_are_refused() {
        assert!(body(&fields(&["a=1", "a=2"])).is_err());
        assert!(body(&fields(&["a=1", "a.b=2"])).is_err());
        for text in ["a", "=x", "a:=x", "a..b=1", ":=1"] {
            assert!(field(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_token_never_leaves_for_another_host() {
        assert!(path("https://elsewhere.example/v1/me").is_err());
        assert!(path("//elsewhere.example/v1/me").is_err());
        assert_eq!(path("v1/me").as_deref(), Ok("/v1/me"));
    }

    #[test]
    fn fields_of_a_get_are_its_query() {
        assert_eq!(
            with_fields("/v1/x?a=1", &fields(&["q=два слова", "n:=2"])),
            "/v1/x?a=1&q=%D0%B4%D0%B2%D0%B0+%D1%81%D0%BB%D0%BE%D0%B2%D0%B0&n=2"
        );
        assert_eq!(with_fields("/v1/x", &[]), "/v1/x");
    }

    #[test]
    fn the_next_page_is_found_among_the_links() {
        let links = "</v1/a?after=x>; rel=\"prev\", <https://h.example/v1/a?after=y&limit=2>; title=\"n\"; rel=\"last next\"";
        assert_eq!(next_of(links).as_deref(), Some("/v1/a?after=y&limit=2"));
        assert_eq!(next_of("</v1/a>; rel=prev"), None);
        assert_eq!(next_of(""), None);
        assert_eq!(next_of("<broken"), None);
    }
}

//! Text messages through an HTTP gateway, and signed webhooks.

use std::sync::OnceLock;
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use reqwest::StatusCode;
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use sha2::Sha256;
use url::{Host, Url};

use super::files;
use crate::gateways::Gateways;
use crate::reach::{NotPermitted, Reach, Resolver, is_not_permitted};
use crate::store::outbox::{Claimed, Outcome};

/// Connection timeout.
const CONNECT: Duration = Duration::from_secs(10);

/// Sends requests.
pub struct Hooks {
    far: OnceLock<Option<reqwest::Client>>,
    near: OnceLock<Option<reqwest::Client>>,
    /// For webhooks that may not have every address.
    public: OnceLock<Option<reqwest::Client>>,
}

/// Returns the settings of every client.
fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("appeal/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(CONNECT)
        // A redirect would lead to a server other than the configured one.
        .redirect(reqwest::redirect::Policy::none())
}

/// Builds a client, for unencrypted HTTP also on a machine without root certificates.
fn built(url: &Url, builder: impl Fn() -> reqwest::ClientBuilder) -> Option<reqwest::Client> {
    match builder().build() {
        Err(_) if url.scheme() == "http" => builder().tls_certs_only([]).build().ok(),
        other => other.ok(),
    }
}

impl Hooks {
    /// Clients are created lazily, because reading certificates takes time.
    pub fn new() -> Hooks {
        Hooks { far: OnceLock::new(), near: OnceLock::new(), public: OnceLock::new() }
    }

    fn client(&self, url: &Url) -> Option<&reqwest::Client> {
        let near = match url.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        let cell = if near { &self.near } else { &self.far };
        // A server on this machine is never behind a proxy.
        cell.get_or_init(|| built(url, || if near { builder().no_proxy() } else { builder() })).as_ref()
    }

    /// Returns a client that connects to permitted addresses only: directly, because a proxy would resolve names itself.
    fn public_client(&self, url: &Url, reach: &Reach) -> Option<&reqwest::Client> {
        let resolver = || std::sync::Arc::new(Resolver(reach.clone()));
        self.public.get_or_init(|| built(url, || builder().no_proxy().dns_resolver(resolver()))).as_ref()
    }

    /// Sends a text message: POST of `{"id", "to", "text"}`.
    pub async fn text(&self, gateways: &Gateways, message: &Claimed) -> Outcome {
        let Some(gateway) = &gateways.sms else {
            return Outcome::Later {
                detail: "there is no gateway for text messages".to_owned(),
                after: None,
            };
        };
        let body = json!({ "id": message.id, "to": message.address, "text": message.text });
        if let Some(folder) = Gateways::folder(gateway) {
            let mut bytes = serde_json::to_vec_pretty(&body).unwrap_or_default();
            bytes.push(b'\n');
            return files::keep(folder, format!("{}.json", message.id), bytes).await;
        }
        let Ok(url) = Url::parse(gateway) else {
            return Outcome::Later { detail: "the gateway's URL is not understood".to_owned(), after: None };
        };
        let mut headers = vec![("idempotency-key", message.id.clone())];
        if let Some(token) = &gateways.sms_token {
            headers.push(("authorization", format!("Bearer {}", token.expose_secret())));
        }
        post(self.client(&url), &url, headers, body.to_string()).await
    }

    /// Calls a webhook.
    pub async fn push(&self, reach: &Reach, message: &Claimed, now: Timestamp) -> Outcome {
        let Some(secret) = &message.push_secret else {
            return Outcome::Refused("webhooks were switched off".to_owned());
        };
        let Ok(url) = Url::parse(&message.address) else {
            return Outcome::Refused("the webhook's URL is not understood".to_owned());
        };
        // An address in the URL itself is not resolved, so the resolver does not see it.
        if !reach.permits_url(&url) {
            return Outcome::Refused(NotPermitted.to_string());
        }
        let mut body: Value = serde_json::from_str(&message.body).unwrap_or_default();
        if let Value::Object(map) = &mut body {
            map.insert("id".to_owned(), json!(message.id));
        }
        let body = body.to_string();
        let timestamp = now.as_second().to_string();
        let headers = vec![
            ("x-appeal-message-id", message.id.clone()),
            ("x-appeal-timestamp", timestamp.clone()),
            ("x-appeal-signature", format!("sha256={}", signature(secret, &timestamp, &body))),
        ];
        let client = match reach {
            Reach::Everywhere => self.client(&url),
            Reach::Public(_) => self.public_client(&url, reach),
        };
        post(client, &url, headers, body).await
    }
}

async fn post(
    client: Option<&reqwest::Client>,
    url: &Url,
    headers: Vec<(&'static str, String)>,
    body: String,
) -> Outcome {
    let Some(client) = client else {
        return Outcome::Later { detail: "TLS cannot be set up".to_owned(), after: None };
    };
    let mut request = client.post(url.clone()).header("content-type", "application/json").body(body);
    for (name, value) in headers {
        request = request.header(name, value);
    }
    match request.send().await {
        Ok(response) => {
            let after = response
                .headers()
                .get("retry-after")
                .and_then(|v| v.to_str().ok()?.trim().parse::<u32>().ok())
                .map(|seconds| SignedDuration::from_secs(seconds.into()));
            judged(response.status(), after)
        }
        Err(error) if is_not_permitted(&error) => Outcome::Refused(NotPermitted.to_string()),
        Err(error) => {
            // A failed connection attempt delivered nothing; a broken connection may have.
            let never_made = error.is_connect();
            let detail = causes(&error.without_url());
            if never_made { Outcome::Later { detail, after: None } } else { Outcome::Unknown(detail) }
        }
    }
}

fn causes(error: &(dyn std::error::Error + 'static)) -> String {
    let mut chain = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !chain.contains(&text) {
            chain = format!("{chain}: {text}");
        }
        next = cause.source();
    }
    chain
}

/// Maps a response to the outcome of the message.
fn judged(status: StatusCode, after: Option<SignedDuration>) -> Outcome {
    let detail = format!("HTTP {status}");
    let passing = [StatusCode::REQUEST_TIMEOUT, StatusCode::TOO_EARLY, StatusCode::TOO_MANY_REQUESTS];
    if status.is_success() {
        Outcome::Delivered(detail)
    } else if status.is_server_error() || passing.contains(&status) {
        Outcome::Later { detail, after }
    } else {
        Outcome::Refused(detail)
    }
}

/// Returns the signature of a webhook: the hexadecimal HMAC-SHA-256 of `TIMESTAMP.BODY`, keyed with the person's
/// secret.
pub fn signature(secret: &str, timestamp: &str, body: &str) -> String {
    // Keys may have any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return String::new() };
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    hex::encode(mac.finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_those_of_others() {
        // printf '1700000000.{}' | openssl dgst -sha256 -hmac secret
        assert_eq!(
            signature("secret", "1700000000", "{}"),
            "b8569b78799ff9e3cbff0fc2d63a33a2b57f3282abd07c37ae5e8e7d79a5f163"
        );
    }

    #[test]
    fn answers_are_judged() {
        let judge = |code| judged(StatusCode::from_u16(code).unwrap(), None);
        assert!(matches!(judge(200), Outcome::Delivered(_)) && matches!(judge(204), Outcome::Delivered(_)));
        for passing in [408, 425, 429, 500, 503] {
            assert!(matches!(judge(passing), Outcome::Later { .. }), "{passing}");
        }
        for lasting in [301, 400, 401, 404, 410, 422] {
            assert!(matches!(judge(lasting), Outcome::Refused(_)), "{lasting}");
        }
    }
}

//! Gateways for outgoing messages (N4): e-mail, text messages, webhooks.

use std::path::PathBuf;

use secrecy::SecretString;

use crate::reach::Reach;
use appeal_domain::MessageChannel;

/// How messages are delivered. A channel without a gateway accepts no messages, except the account, and webhooks, whose
/// URL is set by each person.
#[derive(Clone, Default)]
pub struct Gateways {
    /// Mail server: `smtp://[USER:PASSWORD@]HOST[:PORT][?tls=required|opportunistic|none]`, `smtps://…`, or `file:DIR`
    /// to write e-mails to files.
    pub smtp: Option<String>,
    /// Password for the user in the URL of the mail server.
    pub smtp_password: Option<SecretString>,
    /// Sender of e-mails, `Name <address>`.
    pub mail_from: Option<String>,
    /// Gateway for text messages: a URL that receives a POST for each message, or `file:DIR` to write them to files.
    pub sms: Option<String>,
    /// Bearer token for the gateway for text messages.
    pub sms_token: Option<SecretString>,
    /// Which addresses webhooks may have.
    pub webhooks: Reach,
}

impl std::fmt::Debug for Gateways {
    /// Omits the URLs, because they may contain passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gateways")
            .field("smtp", &self.smtp.as_ref().map(|_| "***"))
            .field("mail_from", &self.mail_from)
            .field("sms", &self.sms.as_ref().map(|_| "***"))
            .finish_non_exhaustive()
    }
}

/// An invalid gateway setting.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {reason}")]
pub struct BadGateway {
    /// Name of the setting: `smtp`, `mail-from`, `sms-gateway`.
    pub setting: &'static str,
    /// What is wrong, without the value, which may contain a password.
    pub reason: String,
}

impl Gateways {
    /// Returns whether messages can be sent by this channel.
    pub fn reach(&self, channel: MessageChannel) -> bool {
        match channel {
            MessageChannel::Account | MessageChannel::Push => true,
            MessageChannel::Email => self.smtp.is_some(),
            MessageChannel::Sms => self.sms.is_some(),
        }
    }

    /// Returns the folder of a gateway of the form `file:DIR`.
    pub fn folder(gateway: &str) -> Option<PathBuf> {
        let rest = gateway.strip_prefix("file:")?;
        Some(PathBuf::from(rest.strip_prefix("//").unwrap_or(rest)))
    }

    /// Returns whether a name or a password is sent to the mail server.
    fn has_mail_credentials(&self) -> bool {
        let url = self.smtp.as_deref().and_then(parsed);
        self.smtp_password.is_some()
            || url.is_some_and(|url| !url.username().is_empty() || url.password().is_some())
    }

    /// Returns whether the connection to the mail server must be encrypted; `None` without a mail server. By default it
    /// must, except to a server on this machine that needs no password.
    pub fn mail_tls(&self) -> Option<Tls> {
        let url = self.smtp.as_deref().and_then(parsed)?;
        if url.scheme() == "smtps" {
            return Some(Tls::Always);
        }
        let asked = url.query_pairs().find(|(name, _)| name == "tls").map(|(_, value)| value.into_owned());
        Some(match asked.as_deref() {
            Some("required") => Tls::Required,
            Some("none" | "opportunistic") => Tls::Optional,
            _ if is_loopback(&url) && !self.has_mail_credentials() => Tls::Optional,
            _ => Tls::Required,
        })
    }

    /// Writes e-mails and text messages to files in this folder, unless another gateway is set.
    pub fn or_files(mut self, folder: &std::path::Path) -> Gateways {
        let place = || format!("file:{}", folder.display());
        self.smtp.get_or_insert_with(place);
        self.sms.get_or_insert_with(place);
        self
    }

    /// Validates the settings; whether a gateway can be reached is found out when a message is sent.
    ///
    /// # Errors
    /// A URL with another scheme or without a host, or an invalid sender address.
    pub fn check(&self) -> Result<(), BadGateway> {
        let bad = |setting, reason: &str| BadGateway { setting, reason: reason.to_owned() };
        if let Some(smtp) = &self.smtp {
            check_url(smtp, &["smtp", "smtps"]).map_err(|reason| bad("smtp", reason))?;
        }
        if let Some(sms) = &self.sms {
            check_url(sms, &["http", "https"]).map_err(|reason| bad("sms-gateway", reason))?;
        }
        if self.mail_tls() == Some(Tls::Optional) && self.has_mail_credentials() {
            return Err(bad("smtp", "a password is sent over TLS only; use tls=required or smtps://"));
        }
        let open = |url: &url::Url| url.scheme() == "http" && !is_loopback(url);
        if self.sms_token.is_some() && self.sms.as_deref().and_then(parsed).is_some_and(|url| open(&url)) {
            return Err(bad("sms-gateway", "a token is sent over https only"));
        }
        if let Some(from) = &self.mail_from
            && from.parse::<lettre::message::Mailbox>().is_err()
        {
            return Err(bad("mail-from", "write it as `Name <name@example.org>`"));
        }
        Ok(())
    }
}

/// How the connection to the mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// From the beginning.
    Always,
    /// Before anything is sent.
    Required,
    /// If at all, before a message is sent; nothing secret is sent to sign in.
    Optional,
}

fn parsed(gateway: &str) -> Option<url::Url> {
    if Gateways::folder(gateway).is_some() { None } else { url::Url::parse(gateway).ok() }
}

fn is_loopback(url: &url::Url) -> bool {
    // The host of a scheme that the URL standard does not know is not parsed as an address.
    let host = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn check_url(given: &str, schemes: &[&str]) -> Result<(), &'static str> {
    if let Some(folder) = Gateways::folder(given) {
        return if folder.as_os_str().is_empty() { Err("name a folder: file:DIR") } else { Ok(()) };
    }
    let url = url::Url::parse(given).map_err(|_| "this is not a URL")?;
    if !schemes.contains(&url.scheme()) {
        return Err("a URL of another scheme is expected, or file:DIR");
    }
    if !url.has_host() {
        return Err("the URL names no host");
    }
    if url.scheme().starts_with("smtp")
        && url
            .query_pairs()
            .any(|(name, value)| name != "tls" || !["required", "opportunistic", "none"].contains(&&*value))
    {
        return Err("after ? only tls=required, tls=opportunistic or tls=none is understood");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gateways_are_checked_without_showing_their_secrets() {
        let smtp = |url: &str| Gateways { smtp: Some(url.into()), ..Gateways::default() };
        for good in [
            "smtp://user:pass@mail.example:2525",
            "smtps://user:pass@mail.example",
            "smtp://mail.example?tls=none",
            "file:/var/spool",
        ] {
            assert_eq!(smtp(good).check(), Ok(()), "{good}");
        }
        for bad in ["mail.example", "http://mail.example", "smtp:", "file:", "smtp://x?tls=maybe"] {
            assert!(smtp(bad).check().is_err(), "{bad}");
        }
        for clear in ["smtp://user:pass@mail.example?tls=none", "smtp://user:pass@[::1]?tls=opportunistic"] {
            assert!(smtp(clear).check().is_err(), "{clear}");
        }
        let shown = format!("{:?}", smtp("smtp://user:hidden@mail.example"));
        assert!(!shown.contains("hidden"), "{shown}");
        let from = Gateways { mail_from: Some("nobody".into()), ..Gateways::default() };
        assert!(from.check().is_err());
    }

    #[test]
    fn mail_is_encrypted_unless_it_stays_on_the_machine() {
        for (url, tls) in [
            ("smtp://mail.example", Tls::Required),
            ("smtp://user@127.0.0.1:25", Tls::Required),
            ("smtp://127.0.0.1:25", Tls::Optional),
            ("smtp://[::1]:25", Tls::Optional),
            ("smtp://localhost", Tls::Optional),
            ("smtp://localhost?tls=required", Tls::Required),
            ("smtp://mail.example?tls=opportunistic", Tls::Optional),
            ("smtps://mail.example", Tls::Always),
        ] {
            let gateways = Gateways { smtp: Some(url.into()), ..Gateways::default() };
            assert_eq!(gateways.mail_tls(), Some(tls), "{url}");
        }
        let with_file = Gateways {
            smtp: Some("smtp://127.0.0.1:25".into()),
            smtp_password: Some("x".to_owned().into()),
            ..Gateways::default()
        };
        assert_eq!(with_file.mail_tls(), Some(Tls::Required));
    }

    #[test]
    fn a_token_is_sent_over_https_only() {
        let sms = |url: &str| Gateways {
            sms: Some(url.into()),
            sms_token: Some("x".to_owned().into()),
            ..Gateways::default()
        };
        assert!(sms("http://sms.example/send").check().is_err());
        for good in ["https://sms.example/send", "http://127.0.0.1:9/send"] {
            assert_eq!(sms(good).check(), Ok(()), "{good}");
        }
    }
}

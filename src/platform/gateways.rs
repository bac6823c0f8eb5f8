//! Gateways for outgoing messages (N4): e-mail, text messages, webhooks.

use std::path::PathBuf;

use secrecy::SecretString;

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
        if let Some(from) = &self.mail_from
            && from.parse::<lettre::message::Mailbox>().is_err()
        {
            return Err(bad("mail-from", "write it as `Name <name@example.org>`"));
        }
        Ok(())
    }
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
            "smtps://mail.example",
            "smtp://mail.example?tls=none",
            "file:/var/spool",
        ] {
            assert_eq!(smtp(good).check(), Ok(()), "{good}");
        }
        for bad in ["mail.example", "http://mail.example", "smtp:", "file:", "smtp://x?tls=maybe"] {
            assert!(smtp(bad).check().is_err(), "{bad}");
        }
        let shown = format!("{:?}", smtp("smtp://user:hidden@mail.example"));
        assert!(!shown.contains("hidden"), "{shown}");
        let from = Gateways { mail_from: Some("nobody".into()), ..Gateways::default() };
        assert!(from.check().is_err());
    }
}

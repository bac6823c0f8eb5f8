//! Where messages leave the platform (N4): mail, text messages, webhooks.

use crate::domain::MessageChannel;

/// How messages are delivered. A channel without a gateway takes none; the account always does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gateways {
    /// Mail server: `smtp://[USER:PASSWORD@]HOST[:PORT]`, `smtps://…`, or `file:DIR` to keep mails as files.
    pub smtp: Option<String>,
    /// Sender of mails, `Name <address>`.
    pub mail_from: Option<String>,
    /// Gateway for text messages: the URL that gets a POST for each, or `file:DIR` to keep them as files.
    pub sms: Option<String>,
}

impl Gateways {
    /// Whether messages can go this way at all.
    pub fn reach(&self, channel: MessageChannel) -> bool {
        match channel {
            MessageChannel::Account | MessageChannel::Push => true,
            MessageChannel::Email => self.smtp.is_some(),
            MessageChannel::Sms => self.sms.is_some(),
        }
    }
}

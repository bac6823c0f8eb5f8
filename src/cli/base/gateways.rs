//! Gateways for the messages of the platform: as flags of `serve`, and from the environment for the embedded platform.

use std::path::PathBuf;

use ipnet::IpNet;

use crate::cli::base::failure::lang;
use appeal_i18n::t;

#[cfg(feature = "platform")]
use crate::cli::base::failure::Failure;
#[cfg(feature = "platform")]
use crate::config::credentials;
#[cfg(feature = "platform")]
use appeal_i18n::message;
#[cfg(feature = "platform")]
use appeal_platform::{Gateways, Reach};

/// Gateways for messages.
#[derive(Debug, Clone, Default, clap::Args)]
#[command(next_help_heading = "Notifications")]
pub struct GatewayArgs {
    /// Mail server: `smtp://[USER:PASSWORD@]HOST[:PORT][?tls=required|opportunistic|none]`, `smtps://…`, or `file:DIR`
    #[arg(long, value_name = "URL", env = "APPEAL_SMTP", hide_env_values = true)]
    pub smtp: Option<String>,
    /// Read the mail server's password from this file
    #[arg(
        long,
        value_name = "PATH",
        env = "APPEAL_SMTP_PASSWORD_FILE",
        hide_env_values = true,
        requires = "smtp"
    )]
    pub smtp_password_file: Option<PathBuf>,
    /// Sender of e-mails, `Name <address>` [default: noreply at the mail server]
    #[arg(long, value_name = "ADDRESS", env = "APPEAL_MAIL_FROM", hide_env_values = true)]
    pub mail_from: Option<String>,
    /// SMS gateway: a URL that receives a POST for each message, or `file:DIR`
    #[arg(long, value_name = "URL", env = "APPEAL_SMS_GATEWAY", hide_env_values = true)]
    pub sms_gateway: Option<String>,
    /// Read the SMS gateway's bearer token from this file
    #[arg(
        long,
        value_name = "PATH",
        env = "APPEAL_SMS_TOKEN_FILE",
        hide_env_values = true,
        requires = "sms_gateway"
    )]
    pub sms_token_file: Option<PathBuf>,
    /// Also call webhooks in this network, such as 10.1.0.0/16 or 192.168.0.7; otherwise public addresses only
    #[arg(
        long,
        value_name = "NETWORK",
        env = "APPEAL_WEBHOOK_ALLOW",
        hide_env_values = true,
        value_delimiter = ',',
        value_parser = network
    )]
    pub webhook_allow: Vec<IpNet>,
}

/// Parses a network, or a single address.
pub fn network(text: &str) -> Result<IpNet, String> {
    let address = || text.parse::<std::net::IpAddr>().map(IpNet::from).ok();
    text.parse().ok().or_else(address).ok_or_else(|| t!(lang(), "value-network"))
}

#[cfg(feature = "platform")]
impl GatewayArgs {
    /// Reads the settings from the environment, for the embedded platform.
    pub fn of_environment() -> Self {
        let var = |name: &str| std::env::var(name).ok();
        let path = |name: &str| std::env::var_os(name).map(PathBuf::from);
        Self {
            smtp: var("APPEAL_SMTP"),
            smtp_password_file: path("APPEAL_SMTP_PASSWORD_FILE"),
            mail_from: var("APPEAL_MAIL_FROM"),
            sms_gateway: var("APPEAL_SMS_GATEWAY"),
            sms_token_file: path("APPEAL_SMS_TOKEN_FILE"),
            // Of interest to servers only.
            webhook_allow: Vec::new(),
        }
    }

    /// Opens the gateways.
    ///
    /// # Errors
    /// A value is not valid; a file cannot be read.
    pub fn gateways(self) -> Result<Gateways, Failure> {
        let given = |value: Option<String>| value.filter(|v| !v.trim().is_empty());
        let secret = |path: Option<PathBuf>| {
            path.filter(|p| !p.as_os_str().is_empty()).map(|p| credentials::read_secret_file(&p)).transpose()
        };
        let gateways = Gateways {
            smtp: given(self.smtp),
            smtp_password: secret(self.smtp_password_file)?,
            mail_from: given(self.mail_from),
            sms: given(self.sms_gateway),
            sms_token: secret(self.sms_token_file)?,
            webhooks: Reach::Public(self.webhook_allow),
        };
        gateways.check().map_err(|bad| {
            let message = message!("notices-gateway", reason = bad.reason);
            Failure::usage_message(&format!("--{}", bad.setting), message)
        })?;
        Ok(gateways)
    }
}

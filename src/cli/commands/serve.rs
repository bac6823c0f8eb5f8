//! `appeal serve`: runs the platform as a server.

use std::path::PathBuf;

use ipnet::IpNet;

use crate::cli::args::change::DryRunArg;
use crate::cli::args::values::whole;
use crate::cli::base::failure::lang;
use crate::cli::base::gateways::{GatewayArgs, network};
use crate::cli::base::{Context, Failure, Outcome};
use appeal_i18n::t;

#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "The database is created or migrated as needed. No account with a default password is
created: once it is running, issue the first token on the server itself with
  appeal --server local --database sqlite:PATH --as admin auth token create --for LOGIN --scope admin --expires 1d

The API is described at /openapi.json; /healthz and /readyz report health. Logs go to stderr; APPEAL_LOG sets the
level (`APPEAL_LOG=debug`). SIGINT and SIGTERM shut the server down after pending requests are answered.

Connections that stall are closed. Behind a reverse proxy, name its network with --trusted-proxy: repeated wrong
passwords lock the address that they come from, which would otherwise be that of the proxy.

Notifications are sent by e-mail, SMS gateway and users' webhooks. Messages are queued in the database until
delivered, and every attempt carries the same id. `file:DIR` writes each e-mail to an .eml file and each SMS to a
.json file. The SMS gateway receives a POST of {\"id\",\"to\",\"text\"} with the id as Idempotency-Key. Put passwords
in a file (--smtp-password-file) or in APPEAL_SMTP rather than on the command line; they are sent over TLS only.
Webhooks are called directly, not through a proxy, and at public addresses unless --webhook-allow names others. The
embedded platform reads the same variables; without them it writes messages to `outbox` in its data directory.

Examples:
  appeal serve --listen 0.0.0.0:8080 --database sqlite:/srv/appeal/appeal.db --files /srv/appeal/files
  appeal serve --smtp 'smtp://appeals@mail.example.org?tls=required' --smtp-password-file /etc/appeal/smtp \\
      --mail-from 'Appeals <appeals@example.org>' --sms-gateway https://sms.example.org/send --sms-token-file /etc/appeal/sms"
)]
pub struct Args {
    /// Address and port to listen on; port 0 selects a free port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080", value_parser = address)]
    pub listen: String,
    /// Directory of uploaded files [default: `files` next to the database]
    #[arg(long, value_name = "DIR")]
    pub files: Option<PathBuf>,
    /// Requests per minute allowed for each user, reported in `RateLimit` headers; 0 for no limit
    #[arg(
        long,
        value_name = "N",
        env = "APPEAL_RATE_LIMIT",
        hide_env_values = true,
        default_value_t = 30_000,
        value_parser = whole(0..=u32::MAX)
    )]
    pub rate_limit: u32,
    /// Network of proxies in front of the server, which pass the client's address in `X-Forwarded-For`
    #[arg(
        long,
        value_name = "NETWORK",
        env = "APPEAL_TRUSTED_PROXY",
        hide_env_values = true,
        value_delimiter = ',',
        value_parser = network
    )]
    pub trusted_proxy: Vec<IpNet>,
    #[command(flatten)]
    pub gateways: GatewayArgs,
    #[command(flatten)]
    pub dry_run: DryRunArg,
}

/// `HOST:PORT`; the host is resolved when listening.
fn address(text: &str) -> Result<String, String> {
    let wrong = || t!(lang(), "value-address");
    if text.parse::<std::net::SocketAddr>().is_ok() {
        return Ok(text.to_owned());
    }
    let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
    // An IPv6 address without brackets has colons, but no port. Addresses in brackets were parsed above.
    let named =
        !host.is_empty() && !host.contains([':', '/', '[', ']']) && !host.contains(char::is_whitespace);
    if named && port.parse::<u16>().is_ok() { Ok(text.to_owned()) } else { Err(wrong()) }
}

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        serving::run(self, ctx).await
    }
}

#[cfg(not(feature = "platform"))]
mod serving {
    use appeal_i18n::message;

    use super::{Args, Context, Failure, Outcome};
    use crate::cli::base::Exit;

    pub async fn run(_args: Args, _ctx: &mut Context) -> Result<Outcome, Failure> {
        Err(Failure::from_message(Exit::Setup, "no_platform", message!("serve-not-built-in")))
    }
}

#[cfg(feature = "platform")]
mod serving {
    use std::borrow::Cow;
    use std::num::NonZeroU32;

    use appeal_i18n::message;
    use serde_json::json;
    use tokio::net::TcpListener;
    use tracing_subscriber::Layer as _;
    use tracing_subscriber::filter::Targets;
    use tracing_subscriber::layer::SubscriberExt as _;
    use tracing_subscriber::util::SubscriberInitExt as _;

    use super::{Args, Context, Failure, Outcome};
    use crate::cli::base::{DryRun, Exit};
    use crate::config::paths;
    use crate::output::{Cell, Column, Shape};
    use appeal_platform::{Clock, Metrics, Platform, Settings};

    const LISTENING: Shape = Shape { columns: &[Column::new("url", Cell::Text)], more: &[], key: "url" };

    pub async fn run(args: Args, ctx: &mut Context) -> Result<Outcome, Failure> {
        log(ctx.out.verbosity())?;
        ctx.out.expects(&LISTENING)?;
        let globals = &ctx.globals;
        let data_dir = globals
            .data_dir
            .clone()
            .filter(|dir| !dir.as_os_str().is_empty())
            .or_else(paths::data_dir)
            .ok_or_else(|| Failure::from_message(Exit::Setup, "config", message!("failure-no-home")))?;
        if args.dry_run.dry_run {
            return Ok(planned(&args, globals.database.as_deref(), &data_dir)?.into());
        }
        let metrics = Metrics::new().map_err(|error| {
            Failure::from_message(Exit::Failed, "metrics", message!("serve-metrics", error))
        })?;
        let settings = Settings {
            data_dir,
            database: globals.database.clone(),
            files: args.files,
            gateways: args.gateways.gateways()?,
            clock: Clock::default(),
            rate_limit: NonZeroU32::new(args.rate_limit),
            proxies: args.trusted_proxy,
            metrics: Some(metrics),
            ..Settings::default()
        };
        let platform = Platform::open(settings)
            .await
            .map_err(|error| Failure::from_message(Exit::Setup, "data", message!("serve-open", error)))?;
        if platform.has_local_people().await? {
            ctx.out.warn(message!("serve-local-people"));
        }
        let listening = async {
            let listener = TcpListener::bind(&args.listen).await?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) = listening.await.map_err(|error: std::io::Error| {
            let message = message!("serve-listen", address = args.listen, error);
            Failure::from_message(Exit::Setup, "listen", message)
        })?;
        // Scripts read the port from this line, in every language and with -q.
        ctx.out.announce(&format!("listening on http://{address}"));
        let url = format!("http://{address}");
        if ctx.out.is_json() {
            ctx.out.one(&serde_json::json!({ "url": url }), &LISTENING)?;
            ctx.out.flush()?;
        }
        // Handles a signal that arrived while the platform was being opened.
        let stop = ctx.interrupt.clone();
        let served = platform.serve(listener, async move { stop.notified().await }).await;
        platform.close().await;
        served?;
        ctx.out.note(message!("serve-stopped"));
        Ok(Outcome::Done)
    }

    /// The plan of a dry run. The gateways are checked as in a real start.
    fn planned(args: &Args, database: Option<&str>, data_dir: &std::path::Path) -> Result<DryRun, Failure> {
        args.gateways.clone().gateways()?;
        let url = database
            .map_or_else(|| format!("sqlite:{}", data_dir.join("appeal.db").display()), str::to_owned);
        let file = std::path::Path::new(url.trim_start_matches("sqlite:"));
        let action = if file.exists() { "open" } else { "create" };
        let files = args.files.clone().unwrap_or_else(|| file.with_file_name("files"));
        Ok(DryRun::default()
            .changes(action, file, json!({ "what": "database" }))
            .changes(if files.exists() { "open" } else { "create" }, &files, json!({ "what": "files" }))
            .changes("listen", std::path::Path::new(&args.listen), json!({})))
    }

    /// Logs to stderr: what `APPEAL_LOG` says, else warnings, with `-v` requests too.
    ///
    /// # Errors
    ///
    /// `APPEAL_LOG` is not a list of levels and `target=level` pairs.
    fn log(verbosity: u8) -> Result<(), Failure> {
        let usual = match verbosity {
            0 => "warn",
            1 => "info,sqlx=warn",
            _ => "debug,sqlx=info",
        };
        let wanted = std::env::var_os("APPEAL_LOG").filter(|wanted| !wanted.is_empty());
        let wanted = wanted.as_ref().map_or(Cow::Borrowed(usual), |wanted| wanted.to_string_lossy());
        let levels: Targets = wanted.parse().map_err(|_| {
            Failure::from_message(Exit::Usage, "usage", message!("serve-log", value = wanted.as_ref()))
        })?;
        // A line that cannot be written is lost. By default the failure is printed too, which panics if stderr is on a
        // full disk, and ends the task that logs.
        let lines = tracing_subscriber::fmt::layer()
            .log_internal_errors(false)
            .with_writer(std::io::stderr)
            .with_filter(levels);
        // Only one subscriber per process is possible; the first one stays.
        let _ = tracing_subscriber::registry().with(lines).try_init();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::address;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        for good in ["127.0.0.1:8080", "[::1]:0", "localhost:8080", "appeals.example:80"] {
            assert_eq!(address(good).as_deref(), Ok(good));
        }
        for bad in
            ["", "8080", ":8080", "localhost", "127.0.0.1:99999", "::1:x", "http://localhost:80", "a b:1"]
        {
            assert!(address(bad).is_err(), "{bad}");
        }
    }
}

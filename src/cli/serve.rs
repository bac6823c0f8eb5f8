//! `appeal serve`: the same platform as a server.

use std::path::PathBuf;

use super::{Context, Failure};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(
    after_long_help = "The database is created and brought up to date where needed. No account with a known
password is ever made: issue the first token on the server's own machine with
  appeal --server local --database sqlite:PATH --as admin auth token create --for LOGIN --scope admin --expires 1d

What is served is told by /openapi.json; /healthz and /readyz tell how it is. Logs go to stderr: APPEAL_LOG chooses
them (`APPEAL_LOG=debug`). SIGINT and SIGTERM end it: requests under way are answered first.

Example:
  appeal serve --listen 0.0.0.0:8080 --database sqlite:/srv/appeal/appeal.db --files /srv/appeal/files"
)]
pub struct Args {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:8080", value_parser = address)]
    pub listen: String,
    /// Where uploaded files are kept [default: `files` beside the database]
    #[arg(long, value_name = "DIR")]
    pub files: Option<PathBuf>,
}

/// `HOST:PORT`; whether there is such a host is seen when it is listened on.
fn address(text: &str) -> Result<String, String> {
    let wrong = || "write it as HOST:PORT, such as 127.0.0.1:8080, [::1]:8080 or localhost:0".to_owned();
    if text.parse::<std::net::SocketAddr>().is_ok() {
        return Ok(text.to_owned());
    }
    let (host, port) = text.rsplit_once(':').ok_or_else(wrong)?;
    // Colons in an address of IPv6 are not before a port, but for one in brackets, which was tried above.
    let named =
        !host.is_empty() && !host.contains([':', '/', '[', ']']) && !host.contains(char::is_whitespace);
    if named && port.parse::<u16>().is_ok() { Ok(text.to_owned()) } else { Err(wrong()) }
}

impl Args {
    /// Runs the command.
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        serving::run(self, ctx).await
    }
}

#[cfg(not(feature = "platform"))]
mod serving {
    use super::{Args, Context, Failure};
    use crate::cli::Exit;

    pub async fn run(_args: Args, _ctx: &mut Context) -> Result<(), Failure> {
        Err(Failure::told(Exit::Setup, "no_platform", "serve-not-built-in", &[]))
    }
}

#[cfg(feature = "platform")]
mod serving {
    use tokio::net::TcpListener;

    use super::{Args, Context, Failure};
    use crate::cli::Exit;
    use crate::config::paths;
    use crate::platform::{Clock, Platform, Settings};

    pub async fn run(args: Args, ctx: &mut Context) -> Result<(), Failure> {
        log(ctx.out.verbosity());
        let globals = &ctx.globals;
        let data_dir = globals
            .data_dir
            .clone()
            .filter(|dir| !dir.as_os_str().is_empty())
            .or_else(paths::data_dir)
            .ok_or_else(|| Failure::told(Exit::Setup, "config", "failure-no-home", &[]))?;
        let settings = Settings {
            data_dir,
            database: globals.database.clone(),
            files: args.files,
            local_people: false,
            gateways: Default::default(),
            clock: Clock::default(),
        };
        let platform = Platform::open(settings).await.map_err(|error| {
            Failure::told(Exit::Setup, "data", "serve-open", &[("error", &error.to_string())])
        })?;
        let listening = async {
            let listener = TcpListener::bind(&args.listen).await?;
            let address = listener.local_addr()?;
            Ok((listener, address))
        };
        let (listener, address) = listening.await.map_err(|error: std::io::Error| {
            let args = [("address", args.listen.as_str()), ("error", &error.to_string())];
            Failure::told(Exit::Setup, "listen", "serve-listen", &args)
        })?;
        // Scripts read the port here, whatever the language and -q.
        ctx.out.line(&format!("listening on http://{address}"));
        let served = platform.serve(listener, told_to_stop()).await;
        platform.close().await;
        served?;
        ctx.out.note("serve-stopped", &[]);
        Ok(())
    }

    /// Ready when the process is asked to end. Ctrl-C reaches the process's own listener too, which leaves a server
    /// to this one.
    async fn told_to_stop() {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            let (Ok(mut interrupt), Ok(mut terminate)) =
                (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
            else {
                // Without the handlers the default action stays: the process ends at once.
                return std::future::pending().await;
            };
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Logs to stderr: what APPEAL_LOG says, else warnings, with `-v` requests too.
    fn log(verbosity: u8) {
        let usual = match verbosity {
            0 => "warn",
            1 => "info,sqlx=warn",
            _ => "debug,sqlx=info",
        };
        let filter = tracing_subscriber::EnvFilter::try_from_env("APPEAL_LOG")
            .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(usual));
        // A second subscriber in one process is refused; the first goes on.
        let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
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

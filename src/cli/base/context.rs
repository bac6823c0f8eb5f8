//! The environment of a command: printer, language, streams, clock, platform.

use std::io::Read;
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Instant;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio::sync::Notify;
use url::Url;

use crate::cli::base::connect;
use crate::cli::base::dry_run::{self, DryRun, Upload};
use crate::cli::base::exit::Exit;
use crate::cli::base::failure::{self, Failure};
use crate::cli::base::globals::{self, Globals};
use crate::cli::base::outcome::Outcome;
use crate::cli::base::unsent::Unsent;
use crate::cli::base::unsent::store::{Entry, File, State};
use crate::config::{Config, Profile};
use crate::output::local::{self, UnknownTz};
use crate::output::{self, Output};
use appeal_api::{Appeal, Received};
use appeal_client::{Change, Client};
use appeal_files::Checked;
use appeal_i18n::{Lang, MessageId, message};

/// Maximum size of a text read from a stream, in bytes: far above the limit of any platform, and well within memory.
pub const TEXT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A line about what was done, printed if the command is interrupted.
pub type SoFar = Arc<Mutex<Option<String>>>;

/// The config file. Its settings for language and format only count if it can be read. A broken file is reported by the
/// first command that needs it.
fn readable_config() -> Option<Config> {
    Config::default_path().and_then(|path| Config::load(&path).ok())
}

/// The language: that of the flags or the environment, else the profile's, else the locale's.
fn chosen_lang(globals: &Globals, profile: Option<&Profile>) -> Lang {
    let of_profile = || match profile?.lang.as_deref()? {
        "ru" => Some(Lang::Ru),
        "en" => Some(Lang::En),
        _ => None,
    };
    globals.lang().or_else(of_profile).unwrap_or_else(globals::locale_lang)
}

/// The language of a command line for which there is no context.
pub fn lang_without_context(globals: &Globals) -> Lang {
    let profile = readable_config().and_then(|config| config.chosen(globals.profile.as_deref()));
    chosen_lang(globals, profile.as_ref())
}

/// The environment of a command.
pub struct Context {
    /// The printer.
    pub out: Output,
    /// Language of labels and messages.
    pub lang: Lang,
    /// The global flags.
    pub globals: Globals,
    /// Builds the whole command line, for help and manual pages.
    pub command_line: fn() -> clap::Command,
    config: Option<Config>,
    client: Option<Client>,
    /// Stdin, until a flag has read it.
    stdin: Option<Box<dyn Read + Send>>,
    clock: fn() -> Timestamp,
    zone: fn() -> TimeZone,
    deadline: Option<Instant>,
    so_far: SoFar,
    /// Notified when the process should end.
    pub interrupt: Arc<Notify>,
    /// The idempotency key of the run, used unless the command is given one. A text that is kept because sending failed
    /// is sent later under the same key.
    pub key: String,
    /// The key of a request that the command may have sent.
    key_in_use: OnceLock<String>,
    /// In a dry run: the files that would be uploaded first.
    dry_run: Option<Vec<Upload>>,
    /// The text written for this command, stored until it has been received.
    pub unsent: Unsent,
}

impl Context {
    /// A context for these flags, on the process's own streams.
    ///
    /// # Errors
    /// `TZ` names no time zone; a bad `--jq` expression. The config file is not read here.
    pub fn new(globals: Globals, command_line: fn() -> clap::Command) -> Result<Self, Failure> {
        let started = Instant::now();
        let config = readable_config();
        let profile = config.as_ref().and_then(|c| c.chosen(globals.profile.as_deref()));
        let lang = chosen_lang(&globals, profile.as_ref());
        failure::speak(lang);
        if let Err(UnknownTz(value)) = local::zone() {
            let message = message!("failure-time-zone", value);
            return Err(Failure::from_message(Exit::Setup, "time_zone", message));
        }
        let format = globals
            .format()
            .or_else(|| profile.as_ref().and_then(|p| p.output.as_deref()).and_then(output::Format::named));
        let color = globals
            .color
            .or_else(|| {
                profile
                    .as_ref()
                    .and_then(|p| p.color.as_deref())
                    .and_then(|c| <output::ColorChoice as clap::ValueEnum>::from_str(c, true).ok())
            })
            .unwrap_or_default();
        let out = Output::new(output::Options {
            format,
            columns: globals.columns.clone(),
            jq: globals.jq.clone(),
            color,
            lang,
            quiet: globals.quiet,
            verbose: globals.verbose,
            no_input: globals.no_input,
        })?;
        let deadline = globals.timeout.and_then(|after| started.checked_add(after));
        Ok(Self { config, deadline, globals, ..Self::on(out, command_line, Box::new(std::io::stdin())) })
    }

    /// A context with nothing chosen, on these streams.
    fn on(out: Output, command_line: fn() -> clap::Command, stdin: Box<dyn Read + Send>) -> Self {
        Self {
            lang: out.lang(),
            out,
            globals: Globals::default(),
            command_line,
            config: None,
            client: None,
            stdin: Some(stdin),
            clock: Timestamp::now,
            zone: || local::zone().unwrap_or(TimeZone::UTC),
            deadline: None,
            so_far: SoFar::default(),
            interrupt: Arc::default(),
            key: appeal_client::fresh_key(),
            key_in_use: OnceLock::new(),
            dry_run: None,
            unsent: Unsent::default(),
        }
    }

    /// From here on nothing is changed, and the plan is printed instead.
    pub fn begin_dry_run(&mut self) {
        self.dry_run = Some(Vec::new());
        self.out.promise(&dry_run::STEPS);
    }

    /// Returns whether this is a dry run.
    pub fn is_dry_run(&self) -> bool {
        self.dry_run.is_some()
    }

    /// Notes files that a dry run would upload.
    pub fn would_upload(&mut self, files: &[Checked]) {
        self.dry_run.iter_mut().for_each(|uploads| uploads.extend(files.iter().map(Upload::from)));
    }

    /// Adds the files that would be uploaded first.
    pub fn with_uploads(&mut self, run: DryRun) -> DryRun {
        run.with_uploads(self.dry_run.take().unwrap_or_default())
    }

    /// Describes the text that is read next: it is stored with this body and these files until it has been received.
    /// `number` is that of the appeal, if it exists.
    pub fn write_for(
        &mut self,
        command: &str,
        number: Option<&str>,
        key: &str,
        (body, files): (Map<String, Value>, Vec<File>),
    ) {
        if !self.unsent.is_armed() {
            return;
        }
        // Without a platform, the text is stored anyway, and the platform is chosen when it is sent.
        let globals = self.globals.clone();
        let place = self.config().and_then(|config| connect::choose(&globals, config));
        self.unsent.begin(Entry {
            command: command.to_owned(),
            number: number.map(str::to_owned),
            key: key.to_owned(),
            platform: place.map(|place| place.platform()).unwrap_or_default(),
            state: State::Unsent,
            body,
            files,
            draft: None,
            kept_at: Timestamp::from_second(self.now().as_second()).unwrap_or_default(),
        });
    }

    /// Makes a change and passes the result to `then`; in a dry run, the platform only checks it.
    ///
    /// # Errors
    /// The platform is not reached, or refuses.
    pub async fn send<T: DeserializeOwned + Send + 'static>(
        &mut self,
        change: Change<T>,
        then: impl FnOnce(&mut Self, T) -> Result<(), Failure>,
    ) -> Result<Outcome, Failure> {
        if self.is_dry_run() {
            return self.check(change).await;
        }
        let made = change.await?;
        then(self, made)?;
        Ok(Outcome::Done)
    }

    /// Lets the platform check a change without making it.
    ///
    /// # Errors
    /// As [`Context::send`].
    pub async fn check<T: DeserializeOwned + Send + 'static>(
        &mut self,
        change: Change<T>,
    ) -> Result<Outcome, Failure> {
        Ok(DryRun::from(change.dry_run().await?).into())
    }

    /// Makes a change to an appeal and prints it with the message `done`.
    ///
    /// # Errors
    /// As [`Context::send`].
    pub async fn change(
        &mut self,
        change: Change<Received<Appeal>>,
        done: MessageId,
    ) -> Result<Outcome, Failure> {
        self.send(change, |ctx, appeal| Ok(ctx.out.changed(&appeal, done)?)).await
    }

    /// Returns the client of the chosen platform; connects at the first call.
    ///
    /// # Errors
    /// No platform is chosen, the configuration is broken, a token is missing, or the data directory cannot be used.
    pub async fn client(&mut self) -> Result<Client, Failure> {
        if let Some(client) = &self.client {
            return Ok(client.clone());
        }
        // Report a broken config file even if the flags name a platform: its other settings apply as well.
        let globals = self.globals.clone();
        let place = connect::choose(&globals, self.config()?)?;
        let client = connect::connect(&place, &globals, &mut self.out).await?;
        let client = self.guarded(client);
        self.client = Some(client.clone());
        Ok(client)
    }

    /// Returns a client of the chosen server and its address, for signing in and out. It sends the token that `token`
    /// finds for the address, if any.
    ///
    /// # Errors
    /// The embedded platform was chosen, which has no sign-in (exit 2); otherwise as [`connect::choose`].
    pub fn server(
        &mut self,
        token: impl FnOnce(&Url) -> Option<SecretString>,
    ) -> Result<(Client, Url), Failure> {
        let globals = self.globals.clone();
        let place = connect::choose(&globals, self.config()?)?;
        let (client, url) = connect::server(place, &globals, &mut self.out, token)?;
        Ok((self.guarded(client), url))
    }

    /// In a dry run, returns a client that cannot change anything.
    fn guarded(&self, client: Client) -> Client {
        if self.is_dry_run() { client.dry_run_only() } else { client }
    }

    /// Ends the command: waits for what its requests have started.
    pub async fn close(&mut self) {
        if let Some(client) = self.client.take() {
            client.finish().await;
        }
    }

    /// Returns the config file, which may be absent.
    ///
    /// # Errors
    /// It exists but cannot be read or parsed (exit 10).
    pub fn config(&mut self) -> Result<&mut Config, Failure> {
        if self.config.is_none() {
            let path = Config::default_path()
                .ok_or_else(|| Failure::from_message(Exit::Setup, "config", message!("failure-no-home")))?;
            self.config = Some(Config::load(&path)?);
        }
        self.config
            .as_mut()
            .ok_or_else(|| Failure::from_message(Exit::Setup, "config", message!("failure-no-home")))
    }

    /// Returns the current time.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Returns the time zone for display, and for dates typed without one.
    pub fn zone(&self) -> TimeZone {
        (self.zone)()
    }

    /// The key of a request: the one `given`, or else that of the run.
    pub fn key_for(&self, given: Option<&str>) -> String {
        let key = given.unwrap_or(&self.key);
        self.key_in_use.get_or_init(|| key.to_owned());
        key.to_owned()
    }

    /// The key of a request that the command may have sent, if it takes `--idempotency-key`.
    pub fn key_in_use(&self) -> Option<&str> {
        self.key_in_use.get().map(String::as_str)
    }

    /// Returns when `--timeout` expires.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Reads all of stdin, for a flag given as `-`. It can be read once.
    ///
    /// # Errors
    /// A second flag wants it (exit 2), it cannot be read, or it is longer than [`TEXT_BYTES_MAX`].
    pub async fn stdin(&mut self, flag: &str) -> Result<Vec<u8>, Failure> {
        let Some(mut stdin) = self.stdin.take() else {
            return Err(Failure::usage(flag, appeal_i18n::t!(self.lang, "failure-stdin-twice")));
        };
        // On a separate thread, so that Ctrl-C and --timeout are handled while it waits.
        let read = tokio::task::spawn_blocking(move || {
            let mut bytes = Vec::new();
            stdin.by_ref().take(TEXT_BYTES_MAX + 1).read_to_end(&mut bytes).map(|_| bytes)
        });
        let bytes = match read.await {
            Ok(read) => read?,
            Err(error) => return Err(std::io::Error::other(error).into()),
        };
        if bytes.len() as u64 > TEXT_BYTES_MAX {
            return Err(Failure::from_message(Exit::Invalid, "too_large", message!("failure-stdin-large")));
        }
        Ok(bytes)
    }

    /// Records what has been done so far; it is printed if the command is interrupted or times out.
    pub fn so_far(&self, what: impl Into<String>) {
        if let Ok(mut so_far) = self.so_far.lock() {
            *so_far = Some(what.into());
        }
    }

    /// Returns the record behind [`Context::so_far`], for tasks without a context.
    pub fn so_far_handle(&self) -> SoFar {
        self.so_far.clone()
    }
}

#[cfg(test)]
impl Context {
    /// Returns a context for unit tests: with this client, a fixed clock and these streams, in the printer's language.
    pub fn for_test(
        client: Client,
        clock: fn() -> Timestamp,
        out: Output,
        stdin: impl Read + Send + 'static,
    ) -> Self {
        let command_line = || clap::Command::new("appeal");
        let mut ctx = Self::on(out, command_line, Box::new(stdin));
        ctx.client = Some(client);
        ctx.clock = clock;
        ctx.zone = || TimeZone::UTC;
        ctx.key = "key-of-the-run".to_owned();
        ctx
    }
}

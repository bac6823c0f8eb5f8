//! What a command gets from outside: the printer, the language, the streams, the clock, the platform.

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
use crate::config::Config;
use crate::output::{self, Output};
use appeal_api::{Appeal, Received};
use appeal_client::{Change, Client};
use appeal_files::Checked;
use appeal_i18n::{Lang, MessageId, message};

/// The longest text read from a stream, in bytes: far above any platform's limit, far below a machine's memory.
pub const TEXT_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A line for the end of an interrupted command: what was done so far.
pub type SoFar = Arc<Mutex<Option<String>>>;

/// What a command works with.
pub struct Context {
    /// The printer.
    pub out: Output,
    /// Language of labels and messages.
    pub lang: Lang,
    /// The global flags.
    pub globals: Globals,
    /// The whole command line, for help and manual pages.
    pub command_line: fn() -> clap::Command,
    config: Option<Config>,
    client: Option<Client>,
    /// Stdin, until a flag has taken it.
    stdin: Option<Box<dyn Read + Send>>,
    clock: fn() -> Timestamp,
    zone: fn() -> TimeZone,
    deadline: Option<Instant>,
    so_far: SoFar,
    /// Notified when the process is asked to end.
    pub interrupt: Arc<Notify>,
    /// The idempotency key of what the command sends unless it is given one. It is the same for the whole run: what is
    /// kept because sending failed goes out later under the key under which it was sent.
    pub key: String,
    /// The key of a request that the command sends or has sent.
    key_in_use: OnceLock<String>,
    /// In a dry run: the files that would be uploaded before anything is sent.
    dry_run: Option<Vec<Upload>>,
    /// What was written for this command, stored until it has arrived.
    pub unsent: Unsent,
}

impl Context {
    /// A context for these flags, on the process's own streams.
    ///
    /// # Errors
    /// A bad `--jq` expression; the config file is not read here.
    pub fn new(globals: Globals, command_line: fn() -> clap::Command) -> Result<Self, Failure> {
        let started = Instant::now();
        // The file's own choice of language and format counts only where it can be read without complaint: a broken
        // file is reported by the first command that needs it.
        let config = Config::default_path().and_then(|path| Config::load(&path).ok());
        let profile = config.as_ref().and_then(|c| c.chosen(globals.profile.as_deref()));
        let lang = globals
            .lang()
            .or_else(|| {
                profile.as_ref().and_then(|p| p.lang.as_deref()).and_then(|l| match l {
                    "ru" => Some(Lang::Ru),
                    "en" => Some(Lang::En),
                    _ => None,
                })
            })
            .unwrap_or_else(globals::locale_lang);
        failure::speak(lang);
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
            zone: TimeZone::system,
            deadline: None,
            so_far: SoFar::default(),
            interrupt: Arc::default(),
            key: appeal_client::fresh_key(),
            key_in_use: OnceLock::new(),
            dry_run: None,
            unsent: Unsent::default(),
        }
    }

    /// From here on nothing is changed, and what is printed is what would be done.
    pub fn begin_dry_run(&mut self) {
        self.dry_run = Some(Vec::new());
        self.out.promise(&dry_run::STEPS);
    }

    /// Whether the command only says what it would do.
    pub fn is_dry_run(&self) -> bool {
        self.dry_run.is_some()
    }

    /// Notes files that a dry run would upload.
    pub fn would_upload(&mut self, files: &[Checked]) {
        self.dry_run.iter_mut().for_each(|uploads| uploads.extend(files.iter().map(Upload::from)));
    }

    /// A dry run with the files that would be uploaded first.
    pub fn with_uploads(&mut self, run: DryRun) -> DryRun {
        run.with_uploads(self.dry_run.take().unwrap_or_default())
    }

    /// Says what the text is written for that is read next: it is stored with this body and these files until it has
    /// arrived. `number` is that of the appeal, if there is one yet.
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
        // Without a platform the text is stored all the same, and one is chosen when it is sent.
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

    /// Has the platform check a change.
    ///
    /// # Errors
    /// As [`Context::send`].
    pub async fn check<T: DeserializeOwned + Send + 'static>(
        &mut self,
        change: Change<T>,
    ) -> Result<Outcome, Failure> {
        Ok(DryRun::from(change.dry_run().await?).into())
    }

    /// Makes a change to an appeal, and says that it is done in the words of the message `done`.
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

    /// The platform that was chosen; connected at the first call.
    ///
    /// # Errors
    /// None chosen, a broken configuration, no token where one is needed, a data directory that cannot be used.
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

    /// A client of the server that was chosen and its address, for signing in and out. It sends the token that `token`
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

    /// The client; in a dry run one that cannot change anything.
    fn guarded(&self, client: Client) -> Client {
        if self.is_dry_run() { client.dry_run_only() } else { client }
    }

    /// The command has ended: what its requests left to do is done.
    pub async fn close(&mut self) {
        if let Some(client) = self.client.take() {
            client.finish().await;
        }
    }

    /// The config file; an absent one is empty.
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

    /// The present moment.
    pub fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// The time zone of the screen, and of dates typed without one.
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

    /// When `--timeout` runs out.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// All of stdin, for a flag that was given as `-`. It can be taken once.
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

    /// Says what has been done so far, for the case that the command is interrupted or runs out of time.
    pub fn so_far(&self, what: impl Into<String>) {
        if let Ok(mut so_far) = self.so_far.lock() {
            *so_far = Some(what.into());
        }
    }

    /// The handle behind [`Context::so_far`], for tasks that have no context.
    pub fn so_far_handle(&self) -> SoFar {
        self.so_far.clone()
    }
}

#[cfg(test)]
impl Context {
    /// A context for unit tests of commands: this client, a fixed clock, these streams, the printer's language.
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

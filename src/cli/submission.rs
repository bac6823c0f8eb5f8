//! A submission: the body and the files that a command with a text sends. It is stored before it is sent, so that it
//! can also be sent later.

use std::path::PathBuf;

use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::cli::args::change::Begun;
use crate::cli::base::unsent::store::{Entry, File};
use crate::cli::base::{Context, Exit, Failure, Outcome};
use crate::cli::record::{Record, uploads};
use appeal_files::Checked;
use appeal_i18n::message;

/// A command with a text: how its text is sent, now or later. Most are declared with `text_command!`;
/// `commands::unsent` lists all of them.
pub struct TextCommand {
    /// The command as it is typed: `operator answer`.
    pub command: &'static str,
    /// Sends a submission.
    pub send: Send,
    /// Asks for missing values, shows the submission, and asks whether to send it; returns false to keep it unsent.
    /// Absent for commands that only have a text.
    pub ask: Option<Ask>,
    /// Returns the required flags that are missing, if it needs more than its text.
    pub missing: Option<fn(&Submission) -> Vec<&'static str>>,
    /// Changes the submission by the flags of `create`, if it is an appeal or changes to one.
    pub change: Option<Change>,
}

/// See [`TextCommand::send`].
pub type Send = for<'a> fn(&'a mut Context, Submission) -> LocalBoxFuture<'a, Result<Outcome, Failure>>;

/// See [`TextCommand::ask`].
pub type Ask = for<'a> fn(&'a mut Context, &'a mut Submission) -> LocalBoxFuture<'a, Result<bool, Failure>>;

/// See [`TextCommand::change`].
pub type Change = fn(&mut Submission, Record) -> Result<(), Failure>;

/// A text with everything that is sent with it.
#[derive(Debug, Clone)]
pub struct Submission {
    /// Number of the appeal, or the id of another object of the command.
    pub number: String,
    /// The idempotency key.
    pub key: String,
    /// The body without its files.
    pub body: Map<String, Value>,
    /// Its files.
    pub files: Vec<File>,
    /// The files after their checks.
    checked: Option<Vec<Checked>>,
}

impl From<Entry> for Submission {
    fn from(entry: Entry) -> Self {
        let Entry { command: _, number, key, platform: _, state: _, body, files, draft: _, kept_at: _ } =
            entry;
        Self { number: number.unwrap_or_default(), key, body, files, checked: None }
    }
}

impl Submission {
    /// Uploads the files; returns the complete body.
    ///
    /// # Errors
    /// A file is invalid or rejected; the body does not have the type of this version (exit 3).
    pub async fn ready<B: DeserializeOwned>(self, ctx: &mut Context) -> Result<B, Failure> {
        let Self { number: _, key: _, mut body, mut files, checked } = self;
        let checked = match checked {
            Some(checked) => checked,
            None => uploads::checked(ctx, files.iter().map(|file| file.path.clone()).collect()).await?,
        };
        if !checked.is_empty() {
            let mut attachments = uploads::upload(ctx, &checked).await?;
            for (reference, sound) in attachments.iter_mut().zip(&checked) {
                // One file may serve as several documents: each use of it is taken once.
                let at = files.iter().position(|file| same(file, sound));
                reference.document = at.and_then(|at| files.remove(at).document);
            }
            body.insert("attachments".to_owned(), serde_json::to_value(attachments).unwrap_or_default());
        }
        typed(body)
    }
}

fn same(file: &File, sound: &Checked) -> bool {
    file.path == sound.path || file.path == File::new(&sound.path, None).path
}

/// Parses a stored body into the type that is sent.
///
/// # Errors
/// The body has another shape: it was stored by another version or edited by hand (exit 3).
pub fn typed<B: DeserializeOwned>(body: Map<String, Value>) -> Result<B, Failure> {
    serde_json::from_value(Value::Object(body))
        .map_err(|error| Failure::from_message(Exit::Invalid, "unsent", message!("unsent-unreadable", error)))
}

/// A submission that is being written.
pub struct NewSubmission<B> {
    text_command: &'static TextCommand,
    number: String,
    key: String,
    files: Vec<File>,
    checked: Vec<Checked>,
    /// The body without its files.
    pub body: B,
}

impl TextCommand {
    /// Starts a submission whose text is still missing. The files are checked first, so that nobody writes a text for
    /// files that are rejected. From here on, the text is stored as soon as it exists.
    ///
    /// # Errors
    /// Every finding on the files at once (exit 3).
    pub async fn begin<B: Serialize>(
        &'static self,
        ctx: &mut Context,
        begun: Begun,
        body: B,
        files: Vec<PathBuf>,
    ) -> Result<NewSubmission<B>, Failure> {
        let files = files.into_iter().map(|path| (path, None)).collect();
        self.begin_with(ctx, begun, body, files).await
    }

    /// As [`TextCommand::begin`], with files that are documents, by their codes.
    ///
    /// # Errors
    /// As [`TextCommand::begin`].
    pub async fn begin_with<B: Serialize>(
        &'static self,
        ctx: &mut Context,
        begun: Begun,
        body: B,
        files: Vec<(PathBuf, Option<String>)>,
    ) -> Result<NewSubmission<B>, Failure> {
        let Begun { number, key } = begun;
        let checked = uploads::checked(ctx, files.iter().map(|(path, _)| path.clone()).collect()).await?;
        let files: Vec<File> = files.into_iter().map(|(path, document)| File::new(&path, document)).collect();
        ctx.write_for(self.command, Some(&number), &key, (object(&body), files.clone()));
        Ok(NewSubmission { text_command: self, number, key, files, checked, body })
    }
}

impl<B: Serialize> NewSubmission<B> {
    /// Sends it.
    ///
    /// # Errors
    /// The platform is not reached, or refuses.
    pub async fn send(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let Self { text_command, number, key, files, checked, body } = self;
        let submission = Submission { number, key, body: object(&body), files, checked: Some(checked) };
        (text_command.send)(ctx, submission).await
    }
}

/// Returns the members of a body.
pub fn object(body: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(body) {
        Ok(Value::Object(mut members)) => {
            // Files are stored separately, by their paths.
            members.remove("attachments");
            members
        }
        _ => Map::new(),
    }
}

/// Declares a command with a text: the name, the type of the body, the method of the client, and the message of
/// success, which may depend on the body.
macro_rules! text_command {
    ($name:ident: $command:literal, $method:ident($body:ident: $type:ty), $done:expr) => {
        /// How its text is sent.
        pub const $name: &$crate::cli::submission::TextCommand = &$crate::cli::submission::TextCommand {
            command: $command,
            send: |ctx, submission| {
                Box::pin(async move {
                    let (number, key) = (submission.number.clone(), submission.key.clone());
                    let $body: $type = submission.ready(ctx).await?;
                    let client = ctx.client().await?;
                    ctx.change(client.$method(&number, &$body, &key), $done).await
                })
            },
            ask: None,
            missing: None,
            change: None,
        };
    };
}
pub(crate) use text_command;

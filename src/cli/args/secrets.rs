//! Passwords and one-time codes: read from a file or stdin, or typed on a terminal without echo.

use std::path::{Path, PathBuf};

use crate::cli::base::exit::Exit;
use crate::cli::base::{Context, Failure};
use appeal_api::Hidden;
use appeal_i18n::{Message, message};

/// Longest secret, in bytes.
const MOST: u64 = 64 * 1024;

/// Where a password comes from.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct PasswordArg {
    /// Read the password from the first line of a file; `-` is stdin. Prompted for on a terminal
    #[arg(long, value_name = "PATH")]
    pub password_file: Option<PathBuf>,
}

/// Where a one-time code comes from.
#[derive(Debug, Clone, Default, clap::Args)]
#[group(multiple = false)]
pub struct CodeArg {
    /// One-time code
    #[arg(long, value_name = "CODE")]
    pub code: Option<String>,
    /// Read the code from a file; `-` is stdin
    #[arg(long, value_name = "PATH")]
    pub code_file: Option<PathBuf>,
}

impl PasswordArg {
    /// Returns the password: from the file, or else prompted for.
    ///
    /// # Errors
    /// Prompting is not possible (exit 2); the file cannot be read or is empty (exit 3).
    pub async fn required(&self, ctx: &mut Context, question: Message) -> Result<Hidden, Failure> {
        match &self.password_file {
            Some(path) => read(ctx, path, "--password-file").await,
            None => typed(ctx, "--password-file", question),
        }
    }
}

impl CodeArg {
    /// The code, if given.
    ///
    /// # Errors
    /// As [`PasswordArg::required`].
    pub async fn optional(&self, ctx: &mut Context) -> Result<Option<Hidden>, Failure> {
        match (&self.code, &self.code_file) {
            (Some(code), _) => Ok(Some(Hidden(code.clone()))),
            (None, Some(path)) => read(ctx, path, "--code-file").await.map(Some),
            (None, None) => Ok(None),
        }
    }

    /// Returns the code; on a terminal, prompts for it if needed.
    ///
    /// # Errors
    /// As [`PasswordArg::required`].
    pub async fn required(&self, ctx: &mut Context) -> Result<Hidden, Failure> {
        match self.optional(ctx).await? {
            Some(code) => Ok(code),
            None => typed(ctx, "--code", message!("ask-code")),
        }
    }
}

/// Prompts for a secret.
///
/// # Errors
/// Prompting is not possible: a usage error that names the flag.
pub fn typed(ctx: &mut Context, flag: &str, question: Message) -> Result<Hidden, Failure> {
    if !ctx.out.can_prompt() {
        return Err(Failure::missing(flag));
    }
    Ok(Hidden(ctx.out.ask_hidden(question)?))
}

/// Reads a secret from the first line.
///
/// # Errors
/// It cannot be read, is not text or is empty (exit 3).
pub async fn read(ctx: &mut Context, path: &Path, flag: &str) -> Result<Hidden, Failure> {
    let bytes = if path.as_os_str() == "-" {
        ctx.stdin(flag).await?
    } else {
        use tokio::io::AsyncReadExt as _;
        let unreadable = |error| appeal_client::Error::File { path: path.display().to_string(), error };
        let file = tokio::fs::File::open(path).await.map_err(unreadable)?;
        let mut bytes = Vec::new();
        file.take(MOST).read_to_end(&mut bytes).await.map_err(unreadable)?;
        bytes
    };
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::from_message(Exit::Invalid, "invalid", message!("secret-not-text", flag)))?;
    match text.lines().next() {
        Some(line) if !line.is_empty() => Ok(Hidden(line.to_owned())),
        _ => Err(Failure::from_message(Exit::Invalid, "invalid", message!("secret-empty", flag))),
    }
}

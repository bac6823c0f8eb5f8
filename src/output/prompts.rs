//! Prompts, printed to stderr and only on a terminal.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use dialoguer::theme::{ColorfulTheme, SimpleTheme, Theme};

use super::{Error, Output, Result, visible};
use appeal_i18n::Message;

static PROMPTING: AtomicBool = AtomicBool::new(false);
static EDITING: AtomicBool = AtomicBool::new(false);

/// Whether a prompt is on the screen.
pub fn prompting() -> bool {
    PROMPTING.load(Ordering::SeqCst)
}

/// Whether an editor uses the terminal.
pub fn editing() -> bool {
    EDITING.load(Ordering::SeqCst)
}

/// Restores the terminal: some prompts hide the cursor.
pub fn restore_terminal() {
    let terminal = console::Term::stderr();
    if !terminal.is_term() {
        return;
    }
    // If the terminal is gone, there is nothing to restore.
    let _ = terminal.show_cursor();
    let _ = terminal.write_line("");
}

/// Prints a message to stderr right before the process ends.
pub fn last_word(text: &str) {
    use std::io::Write as _;
    // A closed stderr is not an error.
    let _ = writeln!(std::io::stderr(), "{}", visible::lines(text));
}

/// Sets a flag to true until it is dropped.
struct While(&'static AtomicBool);

impl While {
    fn new(flag: &'static AtomicBool) -> Self {
        flag.store(true, Ordering::SeqCst);
        Self(flag)
    }
}

impl Drop for While {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

fn error(error: dialoguer::Error) -> Error {
    let dialoguer::Error::IO(error) = error;
    if error.kind() == std::io::ErrorKind::Interrupted {
        restore_terminal();
        return Error::Interrupted;
    }
    Error::Io(error)
}

impl Output {
    /// Whether prompting is possible: stdin and stderr are terminals, and `--no-input` is not given.
    pub fn can_prompt(&self) -> bool {
        self.place.in_terminal && self.place.err_terminal && !self.no_input
    }

    /// Whether a person may be reading: stderr is a terminal, and `--no-input` is not given.
    pub fn is_attended(&self) -> bool {
        self.place.err_terminal && !self.no_input
    }

    fn theme(&self) -> Box<dyn Theme> {
        if self.place.color_err && !self.place.ascii {
            Box::new(ColorfulTheme::default())
        } else {
            Box::new(SimpleTheme)
        }
    }

    fn question(&self, message: &Message) -> String {
        visible::cell(&message.text(self.lang)).into_owned()
    }

    /// Asks for one line that is not empty.
    ///
    /// # Errors
    /// Interrupted, or the terminal has gone.
    pub fn ask(&mut self, message: Message, default: Option<&str>) -> Result<String> {
        let _prompting = While::new(&PROMPTING);
        let theme = self.theme();
        let mut input =
            dialoguer::Input::<String>::with_theme(theme.as_ref()).with_prompt(self.question(&message));
        if let Some(default) = default {
            input = input.default(default.to_owned());
        }
        input.interact_text().map_err(error)
    }

    /// Asks for one line that is not shown: a password.
    ///
    /// # Errors
    /// As [`Output::ask`].
    pub fn ask_hidden(&mut self, message: Message) -> Result<String> {
        let _prompting = While::new(&PROMPTING);
        let theme = self.theme();
        dialoguer::Password::with_theme(theme.as_ref())
            .with_prompt(self.question(&message))
            .interact()
            .map_err(error)
    }

    /// Asks for one line that may be left empty.
    ///
    /// # Errors
    /// As [`Output::ask`].
    pub fn ask_optional(&mut self, message: Message, default: Option<&str>) -> Result<Option<String>> {
        let _prompting = While::new(&PROMPTING);
        let theme = self.theme();
        let mut input = dialoguer::Input::<String>::with_theme(theme.as_ref())
            .with_prompt(self.question(&message))
            .allow_empty(true);
        if let Some(default) = default {
            input = input.with_initial_text(default);
        }
        let text = input.interact_text().map_err(error)?;
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// Asks for one of the items; its index.
    ///
    /// # Errors
    /// As [`Output::ask`].
    pub fn choose(&mut self, message: Message, items: &[String], default: usize) -> Result<usize> {
        let _prompting = While::new(&PROMPTING);
        let theme = self.theme();
        let items: Vec<String> = items.iter().map(|item| visible::cell(item).into_owned()).collect();
        let prompt = self.question(&message);
        // Long lists can be searched by typing.
        if items.len() > 12 {
            return dialoguer::FuzzySelect::with_theme(theme.as_ref())
                .with_prompt(prompt)
                .items(&items)
                .default(default)
                .max_length(15)
                .interact()
                .map_err(error);
        }
        dialoguer::Select::with_theme(theme.as_ref())
            .with_prompt(prompt)
            .items(&items)
            .default(default)
            .interact()
            .map_err(error)
    }

    /// Asks yes or no.
    ///
    /// # Errors
    /// As [`Output::ask`].
    pub fn confirm(&mut self, message: Message, default: bool) -> Result<bool> {
        let _prompting = While::new(&PROMPTING);
        let theme = self.theme();
        dialoguer::Confirm::with_theme(theme.as_ref())
            .with_prompt(self.question(&message))
            .default(default)
            .interact()
            .map_err(error)
    }

    /// Opens the editor (`VISUAL`, else `EDITOR`, else the default one) on a file; returns false if it exited with an
    /// error. The file belongs to the caller, so its content survives the editor and this process.
    ///
    /// # Errors
    /// The editor cannot be started.
    pub fn edit(&mut self, file: &Path) -> Result<bool> {
        let _editing = While::new(&EDITING);
        let status = editor(file).status().map_err(Error::Io)?;
        if matches!(status.code(), Some(126 | 127)) {
            return Err(Error::Io(std::io::Error::from(std::io::ErrorKind::NotFound)));
        }
        Ok(status.success())
    }
}

/// Builds the command of the editor, which may have arguments (`code --wait`).
fn editor(file: &Path) -> Command {
    let named = |name: &str| std::env::var(name).ok().filter(|editor| !editor.trim().is_empty());
    let editor = named("VISUAL").or_else(|| named("EDITOR"));
    let usual = if cfg!(windows) { "notepad.exe" } else { "vi" };
    let editor = editor.unwrap_or_else(|| usual.to_owned());
    if cfg!(unix) {
        let mut command = Command::new("sh");
        command.arg("-c").arg(format!("{editor} \"$@\"")).arg(editor).arg(file);
        return command;
    }
    let mut words = editor.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or(usual));
    command.args(words).arg(file);
    command
}

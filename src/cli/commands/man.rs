//! `appeal man`: manual pages, one per command, generated from the definitions of the help.

use std::path::PathBuf;

use clap::ValueHint;
use clap_mangen::Man;
use serde_json::json;

use crate::cli::args::change::DRY_RUN;
use crate::cli::base::{Context, DryRun, Exit, Failure, Outcome};
use crate::cli::{layout, translation};
use crate::output::{Cell, Column, Shape};
use appeal_i18n::{Lang, message};

/// Descriptions of the exit codes on the main page.
const EXIT_STATUS: [(Exit, &str); 12] = [
    (Exit::Done, "success"),
    (Exit::Failed, "unexpected failure: a bug, a disk error"),
    (Exit::Usage, "usage error: an unknown flag, a missing value, or a value that the flag does not accept"),
    (
        Exit::Invalid,
        "invalid input: a text, a file, a number or a record failed its checks; nothing was filed",
    ),
    (Exit::Denied, "not signed in, or not permitted"),
    (Exit::NotFound, "not found, or not visible to this user: the two look the same"),
    (Exit::Conflict, "the state does not allow it, or it was changed in the meantime"),
    (Exit::Unreachable, "the platform could not be reached or kept failing"),
    (Exit::TimedOut, "--timeout expired"),
    (Exit::Partial, "part of a batch failed; the rest is filed and recorded"),
    (Exit::Setup, "no platform selected, or the configuration or data directory cannot be used"),
    (Exit::Interrupted, "interrupted"),
];

#[derive(Debug, clap::Args)]
#[command(after_long_help = "Examples:\n  appeal man | man -l -\n  appeal man ~/.local/share/man/man1")]
pub struct Args {
    /// Directory to write all pages to [default: print the main page]
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub dir: Option<PathBuf>,
    /// Print what would be written, without writing it
    #[arg(long = "dry-run", id = DRY_RUN, requires = "dir")]
    pub dry_run: bool,
}

const PAGE: Shape = Shape {
    columns: &[Column::new("page", Cell::Text), Column::new("text", Cell::Text)],
    more: &[],
    key: "text",
};

const WRITTEN: Shape = Shape {
    columns: &[Column::new("path", Cell::Text), Column::new("pages", Cell::Number)],
    more: &[],
    key: "path",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<Outcome, Failure> {
        let pages = pages(translation::in_language((ctx.command_line)(), Lang::En))?;
        let Some(dir) = self.dir else {
            ctx.out.expects(&PAGE)?;
            if let Some((name, page)) = pages.first() {
                let value = json!({ "page": name, "text": page });
                ctx.out.document(page, &value, &PAGE)?;
            }
            return Ok(Outcome::Done);
        };
        if self.dry_run {
            let run = pages.iter().fold(DryRun::default(), |run, (name, page)| {
                run.changes("write", &dir.join(name), json!({ "size": page.len() }))
            });
            return Ok(run.into());
        }
        ctx.out.expects(&WRITTEN)?;
        let broken = |error| crate::cli::args::texts::unreadable(&dir.display().to_string(), &error);
        std::fs::create_dir_all(&dir).map_err(broken)?;
        for (name, page) in &pages {
            std::fs::write(dir.join(name), page).map_err(broken)?;
        }
        let dir = dir.display().to_string();
        let value = json!({ "path": dir, "pages": pages.len() });
        let done = message!("man-written", count = pages.len(), dir);
        Ok(ctx.out.settled(&value, &WRITTEN, done)?.into())
    }
}

/// Returns every page with its file name, the main page first.
fn pages(mut root: clap::Command) -> std::io::Result<Vec<(String, String)>> {
    root.build();
    let mut pages = Vec::new();
    collect(&root, "appeal", &mut pages)?;
    Ok(pages)
}

fn collect(command: &clap::Command, name: &str, pages: &mut Vec<(String, String)>) -> std::io::Result<()> {
    pages.push((format!("{name}.1"), page(command, name)?));
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        collect(inner, &format!("{name}-{}", inner.get_name()), pages)?;
    }
    Ok(())
}

fn page(command: &clap::Command, name: &str) -> std::io::Result<String> {
    let main = name == "appeal";
    let mut command = command.clone();
    if !main {
        // Global flags are described once, on the main page.
        command = command.mut_args(|arg| if arg.is_global_set() { arg.hide(true) } else { arg });
    }
    let man = Man::new(command.clone());
    // Written here to leave the date empty, so that pages change only with the help.
    let title =
        format!(".TH {} 1 \"\" \"appeal {}\" \"Appeals\"\n", name.to_uppercase(), env!("CARGO_PKG_VERSION"));
    let mut text = Vec::new();
    man.render_name_section(&mut text)?;
    man.render_synopsis_section(&mut text)?;
    man.render_description_section(&mut text)?;
    if command.get_arguments().any(|arg| !arg.is_hide_set()) {
        man.render_options_section(&mut text)?;
    }
    if command.get_subcommands().any(|inner| !inner.is_hide_set()) {
        man.render_subcommands_section(&mut text)?;
    }
    if let Some(after) = command.get_after_long_help().or_else(|| command.get_after_help()) {
        text.extend_from_slice(notes(&after.to_string()).as_bytes());
    }
    let mut text = tidy(&title, &String::from_utf8(text).map_err(std::io::Error::other)?);
    if main {
        text.push_str(".SH \"EXIT STATUS\"\n");
        for (exit, meaning) in EXIT_STATUS {
            text.push_str(&format!(".TP\n\\fB{}\\fR\n{}\n", exit.code(), escaped(meaning)));
        }
    } else {
        let mut above = String::from("\\fBappeal\\fR(1)");
        if let Some((parent, _)) = name.rsplit_once('-')
            && parent != "appeal"
        {
            above = format!("\\fB{}\\fR(1), {above}", parent.replace('-', "\\-"));
        }
        text.push_str(&format!(".SH \"SEE ALSO\"\n{above}, for the options of every command\n"));
    }
    Ok(text)
}

/// Every section has its own preamble, and empty lines where roff expects a request: keep one preamble, and replace
/// empty lines with `.sp`.
fn tidy(title: &str, text: &str) -> String {
    const PREAMBLE: &str = ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n";
    let body = text.replace(PREAMBLE, "").replace("\n.br\n\n.br\n", "\n.sp\n");
    let lines: String = body.lines().map(|line| format!("{}\n", line.trim_end())).collect();
    format!("{PREAMBLE}{title}{lines}")
}

/// Adds the notes below a help text. Prose is filled; lines of examples must not be joined.
fn notes(after: &str) -> String {
    let mut out = String::from(".SH NOTES\n");
    let mut filled = true;
    for line in after.lines() {
        if !line.is_empty() && layout::is_prose(line) != filled {
            filled = !filled;
            out.push_str(if filled { ".fi\n" } else { ".nf\n" });
        }
        out.push_str(&if line.is_empty() { ".sp".to_owned() } else { escaped(line) });
        out.push('\n');
    }
    if !filled {
        out.push_str(".fi\n");
    }
    out
}

/// Escapes a line so that roff finds no request in it.
fn escaped(line: &str) -> String {
    let line = line.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq").replace('`', "\\(ga");
    if line.starts_with('.') { format!("\\&{line}") } else { line }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn there_is_a_page_for_every_command() {
        let pages = pages(crate::cli::Cli::command()).unwrap();
        let names: Vec<&str> = pages.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names[0], "appeal.1");
        for wanted in ["appeal-watch.1", "appeal-operator-take.1", "appeal-auth-token-create.1"] {
            assert!(names.contains(&wanted), "{wanted} in {names:?}");
        }
    }

    #[test]
    fn every_exit_code_is_told() {
        let listed: Vec<Exit> = EXIT_STATUS.iter().map(|(exit, _)| *exit).collect();
        assert_eq!(listed, Exit::ALL);
    }

    #[test]
    fn no_line_of_a_note_is_a_request() {
        assert_eq!(escaped(".SH x"), "\\&.SH x");
        assert_eq!(escaped("'quoted' a-b \\"), "\\(aqquoted\\(aq a\\-b \\e");
    }
}

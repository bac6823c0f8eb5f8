//! Dynamic shell completion. The scripts of `appeal completions` call this program with [`VARIABLE`] set; it prints the
//! candidates and exits.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::CommandFactory;
use clap_complete::CompleteEnv;
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use serde_json::Value;

use crate::cli::base::connect::{self, Place};
use crate::cli::base::unsent::store;
use crate::cli::base::{Context, Globals};
use crate::cli::commands::Cli;
use crate::cli::commands::completions::VARIABLE;
use crate::config::Config;
use crate::output::visible;
use appeal_domain::Status;
use appeal_domain::stock::{CATEGORIES, REGIONS, TEMPLATES};
use appeal_i18n::{Lang, status_label};

/// How long to wait for the platform: the user has pressed TAB.
const PATIENCE: Duration = Duration::from_secs(1);
/// How long values from a platform are cached.
const FRESH: Duration = Duration::from_secs(600);

/// Answers a shell that asks for candidates. Returns true if it did, and the process should end.
pub fn answer() -> bool {
    // If completion fails, print no candidates rather than an error.
    CompleteEnv::with_factory(command).var(VARIABLE).try_complete(std::env::args_os(), None).unwrap_or(true)
}

/// Returns the command line with candidates for the values of its arguments.
fn command() -> clap::Command {
    enriched(Cli::command())
}

fn enriched(command: clap::Command) -> clap::Command {
    command
        .mut_args(|arg| match arg.get_id().as_str() {
            "status" | "until" | "for_" => arg.add(ArgValueCandidates::new(statuses)),
            "category" => arg.add(ArgValueCandidates::new(|| catalogue("categories", "code", CATEGORIES))),
            "template" => arg.add(ArgValueCandidates::new(|| catalogue("templates", "id", TEMPLATES))),
            "region" => arg.add(ArgValueCandidates::new(|| catalogue("regions", "code", REGIONS))),
            "department" => arg.add(ArgValueCandidates::new(|| catalogue("departments", "code", "[]"))),
            "profile" => arg.add(ArgValueCandidates::new(profiles)),
            "server" => arg.add(ArgValueCandidates::new(|| vec![CompletionCandidate::new("local")])),
            _ => arg,
        })
        .mut_subcommands(|command| {
            let name = command.get_name().to_owned();
            let command = enriched(command);
            let command = if name == "help" { positional(command, topics) } else { command };
            command.mut_subcommands(|inner| match (name.as_str(), inner.get_name()) {
                ("profile", "use" | "remove") => {
                    inner.mut_arg("name", |arg| arg.add(ArgValueCandidates::new(profiles)))
                }
                ("unsent", "show" | "send" | "edit" | "drop") => positional(inner, unsent_texts),
                ("category", "show") => positional(inner, || catalogue("categories", "code", CATEGORIES)),
                ("region", "show") => positional(inner, || catalogue("regions", "code", REGIONS)),
                ("template", "show") => positional(inner, || catalogue("templates", "id", TEMPLATES)),
                _ => inner,
            })
        })
}

/// Sets candidates for the positional arguments of a command.
fn positional(command: clap::Command, candidates: fn() -> Vec<CompletionCandidate>) -> clap::Command {
    command
        .mut_args(|arg| if arg.is_positional() { arg.add(ArgValueCandidates::new(candidates)) } else { arg })
}

/// A value and its description. `None` if the value is not a plain word: the shell would insert it as it is, and run what
/// looks like a command. The description may come from a platform too, and must not control the terminal.
fn candidate(value: &str, help: Option<&str>) -> Option<CompletionCandidate> {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-');
    if value.is_empty() || value.starts_with('-') || !value.chars().all(plain) {
        return None;
    }
    let help = help.map(|help| visible::cell(help).into_owned().into());
    Some(CompletionCandidate::new(value).help(help))
}

fn lang() -> Lang {
    globals().lang().unwrap_or_else(crate::cli::base::globals::locale_lang)
}

fn statuses() -> Vec<CompletionCandidate> {
    let lang = lang();
    Status::ALL
        .into_iter()
        .map(|status| CompletionCandidate::new(status.as_str()).help(Some(status_label(lang, status).into())))
        .collect()
}

fn topics() -> Vec<CompletionCandidate> {
    let lang = lang();
    let topics = crate::cli::commands::help::TOPICS.iter();
    topics.map(|topic| CompletionCandidate::new(topic.name).help(Some(topic.title(lang).into()))).collect()
}

fn profiles() -> Vec<CompletionCandidate> {
    let config = Config::default_path().and_then(|path| Config::load(&path).ok());
    let profiles = config.map(|config| config.profiles()).unwrap_or_default();
    profiles.into_iter().filter_map(|(name, profile)| candidate(&name, profile.server.as_deref())).collect()
}

fn unsent_texts() -> Vec<CompletionCandidate> {
    let texts = store::all().unwrap_or_default();
    texts.into_iter().map(|stored| CompletionCandidate::new(stored.id)).collect()
}

/// Returns the global flags among the words typed so far.
fn globals() -> Globals {
    let words: Vec<OsString> = std::env::args_os().skip_while(|word| word != "--").skip(1).collect();
    crate::cli::base::globals::among(&words)
}

/// Returns the codes of a catalogue with their titles: from the chosen platform, or else the built-in ones.
fn catalogue(resource: &str, key: &str, stock: &str) -> Vec<CompletionCandidate> {
    let lang = lang();
    let entries = of_platform(resource).or_else(|| serde_json::from_str(stock).ok()).unwrap_or_default();
    entries
        .iter()
        .filter_map(|entry| {
            let code = entry.get(key)?.as_str()?;
            let title = entry.get("title").and_then(|title| title.get(lang.as_str())).and_then(Value::as_str);
            candidate(code, title)
        })
        .collect()
}

/// Returns a list of the chosen platform, cached for a few minutes. Creates nothing.
fn of_platform(resource: &str) -> Option<Vec<Value>> {
    let globals = globals();
    let config = match Config::default_path() {
        Some(path) => Config::load(&path).ok()?,
        None => return None,
    };
    let place = connect::choose(&globals, &config).ok()?;
    let name = match &place {
        // An embedded platform is only asked if its data exists.
        Place::Local { data_dir, database: None, .. } if !data_dir.join("appeal.db").exists() => return None,
        Place::Local { data_dir, database, .. } => format!("{}|{database:?}", data_dir.display()),
        Place::Url { url, .. } => url.to_string(),
    };
    let kept = kept_at(&name, resource);
    if let Some(entries) = kept.as_ref().and_then(read_kept) {
        return Some(entries);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
    let entries = runtime.block_on(async {
        let asked = async {
            let mut ctx =
                Context::new(Globals { no_input: true, quiet: true, ..globals }, Cli::command).ok()?;
            let client = ctx.client().await.ok()?;
            client.get::<Vec<Value>>(&format!("/v1/{resource}")).await.ok()
        };
        tokio::time::timeout(PATIENCE, asked).await.ok().flatten()
    });
    runtime.shutdown_background();
    let entries = entries?;
    if let Some(path) = kept {
        // If the cache cannot be written, the candidates are still shown.
        let _ = keep(&path, &entries);
    }
    Some(entries)
}

fn kept_at(place: &str, resource: &str) -> Option<PathBuf> {
    use sha2::{Digest, Sha256};
    let digest = hex::encode(Sha256::digest(place.as_bytes()));
    crate::config::paths::cache_dir().map(|dir| dir.join(format!("{resource}-{}.json", &digest[..16])))
}

fn read_kept(path: &PathBuf) -> Option<Vec<Value>> {
    let written = std::fs::metadata(path).ok()?.modified().ok()?;
    if written.elapsed().ok()? > FRESH {
        return None;
    }
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

fn keep(path: &PathBuf, entries: &[Value]) -> std::io::Result<()> {
    let folder = path.parent().ok_or(std::io::ErrorKind::NotFound)?;
    std::fs::create_dir_all(folder)?;
    let file = tempfile::NamedTempFile::new_in(folder)?;
    serde_json::to_writer(&file, entries)?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stock_catalogue_can_be_read() {
        for (stock, key) in [(CATEGORIES, "code"), (REGIONS, "code"), (TEMPLATES, "id")] {
            let entries: Vec<Value> = serde_json::from_str(stock).unwrap();
            assert!(!entries.is_empty());
            for entry in entries {
                assert!(entry[key].is_string() && entry["title"]["ru"].is_string(), "{entry}");
            }
        }
    }

    #[test]
    fn the_command_line_with_candidates_is_sound() {
        command().debug_assert();
    }

    #[test]
    fn only_plain_words_are_candidates() {
        for good in ["housing.missing-services", "no_heating", "работа", "2026"] {
            assert!(candidate(good, None).is_some(), "{good}");
        }
        for bad in [
            "",
            "-x",
            "a b",
            "zz$(touch${IFS}x)",
            "a;b",
            "a`b`",
            "a\nb",
            "a\u{9b}31m",
            "a'",
            "a\u{202e}b",
            "~a",
            "a*",
        ] {
            assert!(candidate(bad, None).is_none(), "{bad:?}");
        }
        let help = candidate("a", Some("\u{9b}31m\u{1b}[1m\u{202e}x")).unwrap();
        let help = help.get_help().unwrap().to_string();
        assert!(!help.contains(crate::output::visible::is_control), "{help:?}");
    }

    #[test]
    fn every_status_is_a_candidate() {
        assert_eq!(statuses().len(), 12);
    }
}

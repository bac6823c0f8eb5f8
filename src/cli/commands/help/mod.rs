//! `appeal help`: the help of commands, and topics that answer common questions.

mod topics;

use clap::Command;
use serde_json::json;

use crate::cli::base::{Context, Exit, Failure};
use crate::cli::translation;
use crate::output::{Cell, Column, Shape};
use appeal_i18n::{Lang, message, t};
pub use topics::{TOPICS, Topic};

#[derive(Debug, clap::Args)]
#[command(
    long_about = "Without a name, list the commands and topics. With the name of a command, such as `operator take`, \
                  show its help; with the name of a topic, such as `deadlines`, show a step-by-step guide.",
    after_long_help = "Examples:\n  appeal help\n  appeal help send\n  appeal help no-answer --lang ru\n  appeal help operator take"
)]
pub struct Args {
    /// Topic, or command with its subcommands
    #[arg(value_name = "TOPIC|COMMAND", num_args = 0..)]
    pub names: Vec<String>,
}

/// A topic, or the help of a command.
pub const TOPIC: Shape = Shape {
    columns: &[
        Column::new("topic", Cell::Text),
        Column::new("title", Cell::Text),
        Column::new("text", Cell::Text),
    ],
    more: &[],
    key: "text",
};

impl Args {
    pub async fn run(self, ctx: &mut Context) -> Result<(), Failure> {
        ctx.out.expects(&TOPIC)?;
        let width = ctx.out.is_terminal().then(|| ctx.out.width());
        let lang = ctx.lang;
        let mut root = root(translation::in_language((ctx.command_line)(), lang), width);
        if self.names.is_empty() {
            let text = format!("{}\n{}", root.render_help(), listed(lang));
            return print(ctx, "help", &t!(lang, "help-title"), &text, false);
        }
        let topic = match self.names.as_slice() {
            [name] => Topic::named(name),
            _ => None,
        };
        let help = command(&mut root, &self.names);
        let asked = self.names.join(" ");
        match (topic, help) {
            (Some(topic), help) => {
                let mut text = topic.text(lang);
                if let Some((_, help)) = help {
                    // If a topic and a command have the same name, the help shows both.
                    text.push_str(&format!("\n{}\n\n{help}", t!(lang, "help-command", name = asked)));
                }
                print(ctx, topic.name, topic.title(lang), &text, true)
            }
            (None, Some((about, help))) => print(ctx, &asked, &about, &help, false),
            (None, None) => Err(unknown(&root, &asked, lang)),
        }
    }
}

/// Returns the command line; on a terminal, with its width.
fn root(mut root: Command, width: Option<u16>) -> Command {
    if let Some(width) = width {
        root = root.term_width(usize::from(width.min(100)));
    }
    root.build();
    root
}

/// Returns the help of a command: its title and its text.
fn command(root: &mut Command, names: &[String]) -> Option<(String, String)> {
    let mut at = root;
    for name in names {
        at = at.find_subcommand_mut(name)?;
    }
    let about = at.get_about().map(ToString::to_string).unwrap_or_default();
    Some((about, at.render_long_help().to_string()))
}

/// Lists the topics with their titles.
fn listed(lang: Lang) -> String {
    let widest = TOPICS.iter().map(|topic| topic.name.len()).max().unwrap_or(0);
    let mut text = format!("{}\n", t!(lang, "help-topics"));
    for topic in TOPICS {
        text.push_str(&format!("  {:widest$}  {}\n", topic.name, topic.title(lang)));
    }
    text.push_str(&format!("\n{}\n", t!(lang, "help-more")));
    text
}

fn print(ctx: &mut Context, topic: &str, title: &str, text: &str, titled: bool) -> Result<(), Failure> {
    let page = text.trim_end();
    let page = if titled { format!("{title}\n\n{page}\n") } else { format!("{page}\n") };
    Ok(ctx.out.document(&page, &json!({ "topic": topic, "title": title, "text": text }), &TOPIC)?)
}

/// No command or topic has this name: a usage error that suggests the closest ones.
fn unknown(root: &Command, asked: &str, lang: Lang) -> Failure {
    let wanted = asked.to_lowercase();
    let names = TOPICS.iter().map(|topic| topic.name).chain(root.get_subcommands().map(Command::get_name));
    let mut near: Vec<(usize, &str)> = names
        .map(|name| {
            let part = name.starts_with(&wanted) || wanted.starts_with(name);
            (if part { 0 } else { strsim::levenshtein(&wanted, name) }, name)
        })
        .filter(|(distance, name)| *distance <= 2.max(name.len() / 3))
        .collect();
    near.sort_unstable();
    near.dedup();
    let near: Vec<&str> = near.into_iter().take(3).map(|(_, name)| name).collect();
    let mut failure = Failure::from_message(Exit::Usage, "usage", message!("failure-topic", name = asked));
    failure.hint = Some(if near.is_empty() {
        t!(lang, "help-more")
    } else {
        t!(lang, "help-nearest", names = near.join(", "))
    });
    failure.details.extend(near.iter().map(|name| json!({ "name": name })));
    failure
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::*;
    use crate::cli::Cli;

    /// Splits a line into words as a shell does.
    fn words(line: &str) -> Vec<String> {
        let (mut words, mut word, mut quote, mut any) = (Vec::new(), String::new(), None, false);
        for c in line.chars() {
            match (quote, c) {
                (Some(q), c) if c == q => quote = None,
                (None, '\'' | '"') => (quote, any) = (Some(c), true),
                (None, ' ') => {
                    if any || !word.is_empty() {
                        words.push(std::mem::take(&mut word));
                    }
                    any = false;
                }
                (None, '>') => break,
                (_, c) => word.push(c),
            }
        }
        if any || !word.is_empty() {
            words.push(word);
        }
        words
    }

    /// Returns every command in the topics.
    fn lines() -> Vec<(String, String)> {
        let mut lines = Vec::new();
        for topic in TOPICS {
            for lang in [Lang::En, Lang::Ru] {
                let text = topic.text(lang);
                for line in text.lines().filter_map(|line| line.strip_prefix("    ")) {
                    let line =
                        line.strip_prefix("NUMBER=$(").and_then(|l| l.strip_suffix(')')).unwrap_or(line);
                    if line.starts_with("appeal ") {
                        lines.push((topic.name.to_owned(), line.to_owned()));
                    }
                }
            }
        }
        lines
    }

    #[test]
    fn every_command_of_the_topics_is_one() {
        let lines = lines();
        for (topic, line) in &lines {
            if let Err(error) = Cli::try_parse_from(words(line)) {
                panic!("{topic}: {line}\n{error}");
            }
        }
        assert!(lines.len() > 100, "{}", lines.len());
    }

    #[test]
    fn every_command_explains_itself_with_an_example() {
        fn look(command: &Command, name: &str, lacking: &mut Vec<String>) {
            let after = command.get_after_long_help().or_else(|| command.get_after_help());
            let example = after.is_some_and(|text| text.to_string().contains("appeal "));
            if command.get_about().is_none() || !example {
                lacking.push(name.to_owned());
            }
            for argument in command.get_arguments().filter(|a| !a.is_hide_set()) {
                if argument.get_help().is_none() && argument.get_long_help().is_none() {
                    lacking.push(format!("{name} {}", argument.get_id()));
                }
            }
            for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
                look(inner, &format!("{name} {}", inner.get_name()), lacking);
            }
        }
        let mut lacking = Vec::new();
        for command in Cli::command().get_subcommands() {
            look(command, &format!("appeal {}", command.get_name()), &mut lacking);
        }
        assert!(lacking.is_empty(), "without help or an example: {lacking:#?}");
    }

    #[test]
    fn the_nearest_names_are_told() {
        let near = |asked: &str| unknown(&root(Cli::command(), None), asked, Lang::En).details;
        assert_eq!(near("deadlnes")[0]["name"], "deadlines");
        assert_eq!(near("creat")[0]["name"], "create");
        assert!(near("xyzzyqwerty").is_empty());
    }
}

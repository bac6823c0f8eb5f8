//! The help and the errors of the argument parser in the language of the user. clap has neither.
//!
//! The English help is written at the commands and arguments; `help.po` has the translation of each text. A command is
//! translated when the parser has reached it and only for a line that asks for help or is wrong, so that other starts
//! cost nothing.

use clap::builder::styling::Style;
use clap::builder::{PossibleValue, Resettable, StyledStr, Styles};
use clap::error::{ContextKind, ContextValue, ErrorFormatter, ErrorKind};
use clap::{Arg, ArgAction, Command};

use crate::cli::base::failure;
use crate::cli::layout;
use appeal_i18n::{Lang, help, t};

/// The section of the arguments that are not options.
const ARGUMENTS: &str = "Arguments";
/// The section of the options.
const OPTIONS: &str = "Options";
/// Where the built-in flags stand among the options.
const LAST: usize = 999;

/// The command line with its help in a language, laid out for a terminal.
pub fn in_language(command: Command, lang: Lang) -> Command {
    match lang {
        Lang::En => command.defer(in_english),
        Lang::Ru => command.defer(in_russian),
    }
}

/// A command in English. The parser calls this when it comes to the command.
fn in_english(command: Command) -> Command {
    let laid_out = |text: Option<&StyledStr>| -> Resettable<StyledStr> {
        text.map(|text| StyledStr::from(layout::notes(&text.to_string()))).into()
    };
    let after_help = laid_out(command.get_after_help());
    let after_long_help = laid_out(command.get_after_long_help());
    command
        .after_help(after_help)
        .after_long_help(after_long_help)
        .mut_subcommands(|inner| inner.defer(in_english))
}

/// What precedes a command line in the help.
pub fn usage_heading(lang: Lang) -> String {
    translate("Usage:", lang)
}

/// The text in the language. A paragraph that has no translation is translated by lines, and a line that has none,
/// such as a command of an example, stays.
fn translate(english: &str, lang: Lang) -> String {
    let table = help(lang);
    let find = |text: &str| table.binary_search_by_key(&text, |(english, _)| english).map(|at| table[at].1);
    let lines =
        |text: &str| text.split('\n').map(|line| find(line).unwrap_or(line)).collect::<Vec<_>>().join("\n");
    english
        .split("\n\n")
        .map(|text| find(text).map_or_else(|_| lines(text), str::to_owned))
        .collect::<Vec<_>>()
        .join("\n\n")
}

/// A command in Russian. The parser calls this when it comes to the command, and with that for the commands below it.
fn in_russian(command: Command) -> Command {
    let say = |english: &str| translate(english, Lang::Ru);
    let styled = |text: Option<&StyledStr>| -> Resettable<StyledStr> {
        text.map(|text| StyledStr::from(say(&text.to_string()))).into()
    };
    let about = styled(command.get_about());
    let long_about = styled(command.get_long_about());
    let laid_out = |text: Option<&StyledStr>| -> Resettable<StyledStr> {
        text.map(|text| StyledStr::from(layout::notes(&say(&text.to_string())))).into()
    };
    let after_help = laid_out(command.get_after_help());
    let after_long_help = laid_out(command.get_after_long_help());
    let has_version = command.get_version().is_some();

    let mut command = command
        .about(about)
        .long_about(long_about)
        .after_help(after_help)
        .after_long_help(after_long_help)
        .subcommand_help_heading(say("Commands"))
        .subcommand_value_name(say("COMMAND"))
        .disable_help_flag(true)
        .disable_version_flag(true)
        .arg(help_flag())
        .args(has_version.then(version_flag))
        .mut_subcommands(|inner| {
            let about = styled(inner.get_about());
            inner.about(about).defer(in_russian)
        });
    // Sections with a heading of their own are printed in the order of their arguments.
    let mut arguments: Vec<_> =
        command.get_arguments().map(|arg| (section(arg), arg.get_id().clone())).collect();
    arguments.sort_by_key(|(section, _)| *section);
    for (place, (_, id)) in arguments.iter().enumerate() {
        command = command.mut_arg(id, |arg| argument(arg, place, Lang::Ru));
    }
    with_usage(command, Lang::Ru)
}

/// The command with the line of its usage in its help. The help template has no other place for the words in it.
fn with_usage(command: Command, lang: Lang) -> Command {
    let usage = command.clone().help_template("{usage}").render_help().ansi().to_string();
    let usage = in_usage(usage.trim_end(), lang);
    let style = *Styles::styled().get_usage();
    let heading = usage_heading(lang);
    command.help_template(format!(
        "{{before-help}}{{about-with-newline}}\n{style}{heading}{style:#} {usage}\n\n{{all-args}}{{after-help}}"
    ))
}

/// A usage with the placeholder of clap in the language.
fn in_usage(usage: &str, lang: Lang) -> String {
    usage.replace("[OPTIONS]", &translate("[OPTIONS]", lang))
}

/// The flag that clap has by itself, in English. Each translated argument has a long help, and so has the command.
fn help_flag() -> Arg {
    let flag = Arg::new("help").short('h').long("help").action(ArgAction::Help);
    let flag = flag.help_heading(Resettable::Reset).display_order(LAST);
    flag.help("Print help (see more with '--help')").long_help("Print help (see a summary with '-h')")
}

/// As [`help_flag`].
fn version_flag() -> Arg {
    let flag = Arg::new("version").short('V').long("version").action(ArgAction::Version);
    flag.help_heading(Resettable::Reset).display_order(LAST).help("Print version")
}

/// The section of the help that an argument stands in: positional arguments, options, the others.
fn section(arg: &Arg) -> u8 {
    match (arg.get_help_heading(), arg.is_positional()) {
        (None, true) => 0,
        (None, false) => 1,
        (Some(_), _) => 2,
    }
}

/// An argument in the language, at this place among those of the command. Twice is as once: a global flag is passed on
/// to the commands below.
fn argument(arg: Arg, place: usize, lang: Lang) -> Arg {
    let say = |english: &str| translate(english, lang);
    let heading = arg.get_help_heading().unwrap_or(if arg.is_positional() { ARGUMENTS } else { OPTIONS });
    let heading = say(heading);
    let names = arg.get_value_names().map(|names| names.iter().map(|name| say(name)).collect::<Vec<_>>());
    let help = arg.get_help().map(|text| say(&text.to_string())).unwrap_or_default();
    let long_help = arg.get_long_help().map_or_else(|| help.clone(), |text| say(&text.to_string()));
    let listed = listed_words(&arg, lang);
    let short = [vec![help], notes(&arg, true, lang)].concat().join(" ");
    let mut long = vec![long_help];
    let notes = notes(&arg, listed.is_none(), lang).join("\n");
    long.extend(listed.into_iter().chain((!notes.is_empty()).then_some(notes)));
    let arg = if arg.is_positional() { arg.display_order(place) } else { arg };
    let arg = match names {
        Some(names) => arg.value_names(names),
        None => arg,
    };
    // The notes are part of the help now. Only an argument with values may hide them.
    let takes_values = arg.get_action().takes_values();
    let arg = arg.help_heading(heading).help(short).long_help(long.join("\n\n")).hide_env(true);
    arg.hide_default_value(takes_values).hide_possible_values(takes_values)
}

/// What clap adds to the help of an argument: its variable, its default and, if wanted, the words it takes.
fn notes(arg: &Arg, has_words: bool, lang: Lang) -> Vec<String> {
    let note = |english: &str, value: &str| translate(english, lang).replace("{}", value);
    let mut notes = Vec::new();
    if let Some(variable) = arg.get_env().filter(|_| !arg.is_hide_env_set()) {
        notes.push(note("[env: {}]", &variable.to_string_lossy()));
    }
    let defaults = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect::<Vec<_>>();
    if !defaults.is_empty() && arg.get_action().takes_values() && !arg.is_hide_default_value_set() {
        notes.push(note("[default: {}]", &defaults.join(" ")));
    }
    let words = words(arg);
    if has_words && !words.is_empty() {
        let names = words.iter().map(PossibleValue::get_name).collect::<Vec<_>>();
        notes.push(note("[possible values: {}]", &names.join(", ")));
    }
    notes
}

/// The words that an argument takes, with their help; `None` if they have none.
fn listed_words(arg: &Arg, lang: Lang) -> Option<String> {
    let words = words(arg);
    words.iter().any(|word| word.get_help().is_some()).then(|| {
        let line = |word: &PossibleValue| match word.get_help() {
            Some(help) => format!("\n- {}: {}", word.get_name(), translate(&help.to_string(), lang)),
            None => format!("\n- {}", word.get_name()),
        };
        translate("Possible values:", lang) + &words.iter().map(line).collect::<String>()
    })
}

/// The words that the help of an argument shows.
fn words(arg: &Arg) -> Vec<PossibleValue> {
    if arg.is_hide_possible_values_set() || !arg.get_action().takes_values() {
        return Vec::new();
    }
    arg.get_possible_values().into_iter().filter(|word| !word.is_hide_set()).collect()
}

/// Formats the errors of the parser in the language of failures; in English as clap does.
pub struct Localized;

impl ErrorFormatter for Localized {
    fn format_error(error: &clap::error::Error<Self>) -> StyledStr {
        let lang = failure::lang();
        let style = Styles::styled();
        let word = painted(style.get_error(), format!("{}:", t!(lang, "word-error")));
        let Refusal { what, more } = Refusal::of(error, lang);
        StyledStr::from(format!("{word} {what}{more}\n"))
    }
}

/// What the parser refuses, with the styles of a terminal.
pub struct Refusal {
    /// The first line.
    pub what: String,
    /// The other lines: what belongs to it, suggestions, the usage.
    pub more: String,
}

impl Refusal {
    /// What an error says.
    pub fn of<F: ErrorFormatter>(error: &clap::error::Error<F>, lang: Lang) -> Self {
        let styles = Styles::styled();
        let (valid, invalid, literal) = (styles.get_valid(), styles.get_invalid(), styles.get_literal());
        let one = |kind| match error.get(kind) {
            Some(ContextValue::String(text)) => Some(text.as_str()),
            _ => None,
        };
        let several = |kind| match error.get(kind) {
            Some(ContextValue::Strings(texts)) => texts.as_slice(),
            _ => &[],
        };
        let listed = |style: &Style, texts: &[String]| -> String {
            texts.iter().map(|text| format!("\n  {}", painted(style, text))).collect()
        };
        let among = |texts: &[String]| {
            let texts = texts.iter().map(|text| painted(valid, text)).collect::<Vec<_>>();
            (!texts.is_empty()).then(|| texts.join(", "))
        };
        let wrong = one(ContextKind::InvalidArg);
        let argument = painted(literal, wrong.unwrap_or_default());
        let unfit = painted(invalid, wrong.unwrap_or_default());
        let given = one(ContextKind::InvalidValue);
        let value = painted(invalid, given.unwrap_or_default());
        let mut more = String::new();
        let what = match error.kind() {
            ErrorKind::InvalidValue | ErrorKind::ValueValidation if given.is_some() => {
                if let Some(values) = among(several(ContextKind::ValidValue)) {
                    more.push_str(&format!("\n  [{}]", t!(lang, "parser-values", values)));
                }
                match std::error::Error::source(error) {
                    Some(reason) => t!(lang, "parser-value-reason", value, argument, reason),
                    None if given == Some("") => t!(lang, "parser-no-value", argument = unfit),
                    None => t!(lang, "parser-value", value, argument),
                }
            }
            ErrorKind::TooManyValues => t!(lang, "parser-extra-value", value, argument),
            ErrorKind::UnknownArgument => t!(lang, "parser-argument", argument = unfit),
            ErrorKind::InvalidSubcommand => {
                let command = one(ContextKind::InvalidSubcommand).unwrap_or_default();
                t!(lang, "parser-command", command = painted(invalid, command))
            }
            ErrorKind::MissingRequiredArgument => {
                more.push_str(&listed(valid, several(ContextKind::InvalidArg)));
                t!(lang, "parser-missing")
            }
            ErrorKind::ArgumentConflict => match error.get(ContextKind::PriorArg) {
                Some(ContextValue::String(other)) if Some(other.as_str()) == wrong => {
                    t!(lang, "parser-repeated", argument = unfit)
                }
                Some(ContextValue::String(other)) => {
                    t!(lang, "parser-conflict", argument = unfit, other = painted(invalid, other))
                }
                Some(ContextValue::Strings(others)) => {
                    more.push_str(&listed(invalid, others));
                    t!(lang, "parser-conflict-several", argument = unfit)
                }
                _ => t!(lang, "parser-conflict-some", argument = unfit),
            },
            ErrorKind::InvalidUtf8 => t!(lang, "parser-utf8"),
            _ => t!(lang, "parser-other"),
        };
        let tips = tips(error, lang);
        if !tips.is_empty() {
            more.push('\n');
            let word = painted(valid, format!("{}:", t!(lang, "parser-tip")));
            more.extend(tips.iter().map(|tip| format!("\n  {word} {tip}")));
        }
        if let Some(ContextValue::StyledStr(usage)) = error.get(ContextKind::Usage) {
            let usage = usage.ansi().to_string().replacen("Usage:", &usage_heading(lang), 1);
            more.push_str(&format!("\n\n{}", in_usage(&usage, lang)));
        }
        let flag = painted(literal, "--help");
        more.push_str(&format!("\n\n{}", t!(lang, "parser-more", flag)));
        Self { what, more }
    }
}

/// What the parser suggests instead.
fn tips<F: ErrorFormatter>(error: &clap::error::Error<F>, lang: Lang) -> Vec<String> {
    let styles = Styles::styled();
    let (valid, invalid) = (styles.get_valid(), styles.get_invalid());
    let similar = |kind| {
        let names = match error.get(kind)? {
            ContextValue::String(name) => std::slice::from_ref(name),
            ContextValue::Strings(names) => names.as_slice(),
            _ => return None,
        };
        let quoted = |name: &String| t!(lang, "parser-quoted", name = painted(valid, name));
        Some((names.iter().map(quoted).collect::<Vec<_>>().join(", "), names.len()))
    };
    let command = similar(ContextKind::SuggestedSubcommand)
        .map(|(names, count)| t!(lang, "parser-similar-command", names, count));
    let argument =
        similar(ContextKind::SuggestedArg).map(|(names, _)| t!(lang, "parser-similar-argument", names));
    let value =
        similar(ContextKind::SuggestedValue).map(|(names, _)| t!(lang, "parser-similar-value", names));
    let mut tips: Vec<String> = [command, argument, value].into_iter().flatten().collect();
    if let Some(ContextValue::StyledStrs(sentences)) = error.get(ContextKind::Suggested) {
        // The parser has these as sentences alone. What they quote says which one it is.
        tips.extend(sentences.iter().map(|sentence| {
            let text = sentence.to_string();
            match text.split('\'').skip(1).step_by(2).collect::<Vec<_>>()[..] {
                [line] => t!(lang, "parser-elsewhere", line = painted(valid, line)),
                [command, "--"] => {
                    let (command, dashes) = (painted(valid, command), painted(invalid, "--"));
                    t!(lang, "parser-no-dashes", command, dashes)
                }
                [given, line] => {
                    t!(lang, "parser-as-value", given = painted(invalid, given), line = painted(valid, line))
                }
                _ => sentence.ansi().to_string(),
            }
        }));
    }
    tips
}

fn painted(style: &Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::Cli;

    /// What this module has translated besides the texts of the command line.
    const OF_CLAP: &[&str] = &[
        "Usage:",
        "[OPTIONS]",
        "COMMAND",
        "Commands",
        ARGUMENTS,
        OPTIONS,
        "Print help (see more with '--help')",
        "Print help (see a summary with '-h')",
        "Print version",
        "[env: {}]",
        "[default: {}]",
        "[possible values: {}]",
        "Possible values:",
    ];

    /// Every text of the help with the place where it is written.
    fn texts(command: &Command, path: &str, found: &mut Vec<(String, String)>) {
        let of_command = [
            ("about", command.get_about()),
            ("long about", command.get_long_about()),
            ("text before the help", command.get_before_help()),
            ("text before the long help", command.get_before_long_help()),
            ("text after the help", command.get_after_help()),
            ("text after the long help", command.get_after_long_help()),
        ];
        for (what, text) in of_command {
            found.extend(text.map(|text| (format!("{path}, {what}"), text.to_string())));
        }
        for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            let mut add =
                |what: &str, text: String| found.push((format!("{path}, {}, {what}", arg.get_id()), text));
            for (what, text) in [("help", arg.get_help()), ("long help", arg.get_long_help())] {
                text.into_iter().for_each(|text| add(what, text.to_string()));
            }
            arg.get_help_heading().into_iter().for_each(|heading| add("heading", heading.to_owned()));
            if arg.get_action().takes_values() {
                arg.get_value_names()
                    .unwrap_or_default()
                    .iter()
                    .for_each(|name| add("placeholder", name.to_string()));
            }
            for word in words(arg) {
                word.get_help().into_iter().for_each(|help| add(word.get_name(), help.to_string()));
            }
        }
        for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
            texts(inner, &format!("{path} {}", inner.get_name()), found);
        }
    }

    fn all_texts() -> Vec<(String, String)> {
        let mut found = OF_CLAP.iter().map(|text| ("clap".to_owned(), (*text).to_owned())).collect();
        texts(&Cli::command(), "appeal", &mut found);
        found
    }

    /// The entries that a text uses, and its lines without one. Words of a placeholder that the program reads, such as
    /// `on|off`, and commands of examples need none.
    fn looked_up(text: &str) -> (Vec<&str>, Vec<&str>) {
        let (mut used, mut lacking) = (Vec::new(), Vec::new());
        let is_there =
            |text: &str| help(Lang::Ru).binary_search_by_key(&text, |(english, _)| english).is_ok();
        for paragraph in text.split("\n\n") {
            if is_there(paragraph) {
                used.push(paragraph);
                continue;
            }
            for line in paragraph.split('\n') {
                if is_there(line) {
                    used.push(line);
                } else if english_words(line).is_some() || !line.starts_with("  ") && !is_code(line) {
                    lacking.push(line);
                }
            }
        }
        (used, lacking)
    }

    /// A placeholder that is the same in every language: `on|off`, `A,B,C`, `1..5`.
    fn is_code(text: &str) -> bool {
        text.chars().all(|c| !c.is_ascii_uppercase()) || text.split(',').all(|part| part.len() == 1)
    }

    /// The line is a command of an example, or continues one.
    fn is_command(line: &str) -> bool {
        let indent = line.len() - line.trim_start().len();
        let line = line.trim_start();
        let line = line.strip_prefix("Использование: ").unwrap_or(line);
        line.starts_with("appeal ") || line.contains(" | ") || line.starts_with("--") || indent == 6
    }

    /// Two English words in a row outside of code; in a command only what is quoted or a comment.
    fn english_words(line: &str) -> Option<String> {
        let prose: Vec<&str> = if is_command(line) {
            let comment = line.split_once(" # ").map(|(_, comment)| comment);
            let quoted = line.split('\'').skip(1).step_by(2).filter(|quoted| !quoted.contains(['.', '|']));
            quoted.chain(comment).collect()
        } else {
            line.split('`').step_by(2).flat_map(|text| text.split(['{', '}']).step_by(2)).collect()
        };
        let is_word = |word: &str| {
            word.len() > 1
                && word.starts_with(|c: char| c.is_ascii_alphabetic())
                && word[1..].bytes().all(|byte| byte.is_ascii_lowercase())
        };
        prose.into_iter().find_map(|text| {
            let words: Vec<&str> = text.split(' ').collect();
            let pair = words.windows(2).find(|pair| {
                is_word(pair[0].trim_start_matches(['(', '[']))
                    && is_word(pair[1].trim_end_matches(['.', ',', ':', ')']))
            })?;
            Some(pair.join(" "))
        })
    }

    /// Each command of the built command line with its path.
    fn each(command: &mut Command, path: &str, look: &mut dyn FnMut(&str, &mut Command)) {
        look(path, command);
        for inner in command.get_subcommands_mut() {
            each(inner, &format!("{path} {}", inner.get_name()), look);
        }
    }

    fn built(lang: Lang) -> Command {
        let mut root = in_language(Cli::command(), lang).term_width(0);
        root.build();
        root
    }

    #[test]
    fn every_text_of_the_help_is_translated() {
        let texts = all_texts();
        let lacking: Vec<String> = texts
            .iter()
            .flat_map(|(place, text)| {
                looked_up(text).1.into_iter().map(move |line| format!("{place}: {line}"))
            })
            .collect();
        assert!(lacking.is_empty(), "not in help.po: {lacking:#?}");
        assert!(texts.len() > 1000, "{}", texts.len());
    }

    #[test]
    fn no_translation_is_left_over() {
        let texts = all_texts();
        let used: BTreeSet<&str> = texts.iter().flat_map(|(_, text)| looked_up(text).0).collect();
        let unused: Vec<&str> = help(Lang::Ru)
            .iter()
            .map(|(english, _)| *english)
            .filter(|english| !used.contains(english))
            .collect();
        assert!(unused.is_empty(), "in help.po, but not in the help: {unused:#?}");
    }

    #[test]
    fn no_sentence_of_the_russian_help_is_english() {
        let mut english = Vec::new();
        each(&mut built(Lang::Ru), "appeal", &mut |path, command| {
            for help in [command.render_help(), command.render_long_help()] {
                let help = help.to_string();
                english
                    .extend(help.lines().filter_map(english_words).map(|words| format!("{path}: {words}")));
            }
        });
        assert!(english.is_empty(), "{english:#?}");
    }

    #[test]
    fn both_languages_list_the_same_in_the_same_order() {
        /// The names that begin a line: of arguments and of commands.
        fn names(help: &str) -> Vec<String> {
            let indented =
                help.lines().filter(|line| line.starts_with("  ") && !line.starts_with("  appeal "));
            let first = indented.filter_map(|line| line.split_whitespace().next().map(str::to_owned));
            first.filter(|word| word.starts_with("--") || word.ends_with(',')).collect()
        }
        let mut english = Vec::new();
        each(&mut built(Lang::En), "appeal", &mut |_, command| {
            english.push(names(&command.render_help().to_string()))
        });
        let mut english = english.into_iter();
        each(&mut built(Lang::Ru), "appeal", &mut |path, command| {
            assert_eq!(Some(names(&command.render_help().to_string())), english.next(), "{path}");
        });
    }

    #[test]
    fn the_russian_command_line_is_sound() {
        in_language(Cli::command(), Lang::Ru).debug_assert();
    }

    /// A wrong command line for each kind of error and each suggestion.
    const WRONG: &[&str] = &[
        "appeal lst",
        "appeal operatr",
        "appeal list --bad",
        "appeal list --statuss x",
        "appeal list extra",
        "appeal list -x",
        "appeal show -x",
        "appeal --limit 3 list",
        "appeal list --limit",
        "appeal list --limit=",
        "appeal list --limit 0",
        "appeal list --limit 5 --all",
        "appeal list --json --json",
        "appeal list --status nonsense",
        "appeal list --since soon",
        "appeal --json=1 list",
        "appeal --color=x list",
        "appeal --color",
        "appeal show",
        "appeal api",
        "appeal operator",
        "appeal -- list",
        "appeal operator -- take",
        "appeal comment 1 --text a --text-file b",
        "appeal create --latitude abc",
        "appeal create --kind complant",
        "appeal create --occurred soon",
    ];

    fn refused(line: &str, command: Command) -> clap::Error {
        command.try_get_matches_from(line.split(' ')).expect_err(line)
    }

    #[test]
    fn english_errors_are_those_of_clap() {
        for line in WRONG {
            let of_clap = refused(line, Cli::command()).render().ansi().to_string();
            let ours = refused(line, Cli::command()).apply::<Localized>().render().ansi().to_string();
            assert_eq!(ours, of_clap, "{line}");
        }
    }

    #[test]
    fn russian_errors_have_no_english_words() {
        for line in WRONG {
            let error = refused(line, in_language(Cli::command(), Lang::Ru));
            // What a value parser says is in the language of the process.
            if error.kind() == ErrorKind::ValueValidation {
                continue;
            }
            let Refusal { what, more } = Refusal::of(&error, Lang::Ru);
            let text = StyledStr::from(format!("{what}{more}")).to_string();
            for line in text.lines() {
                assert_eq!(english_words(line), None, "{text}");
            }
        }
    }
}

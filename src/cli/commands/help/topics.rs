//! Topics of the help: step-by-step answers to common questions, in both languages. The texts are files; limits,
//! statuses and moves are filled in from their definitions.

use crate::output::size;
use appeal_domain::Rules;
use appeal_domain::lifecycle::open_moves;
use appeal_domain::{AttachmentPolicy, Situation, Status};
use appeal_i18n::{Lang, label, status_label, t};

/// A topic.
#[derive(Debug, Clone, Copy)]
pub struct Topic {
    /// Its name.
    pub name: &'static str,
    /// Other names, in both languages.
    also: &'static [&'static str],
    en: &'static str,
    ru: &'static str,
}

macro_rules! topics {
    ($($name:literal $also:tt),+ $(,)?) => {
        /// All topics, in the order of the list.
        pub const TOPICS: &[Topic] = &[$(Topic {
            name: $name,
            also: &$also,
            en: include_str!(concat!("en/", $name, ".txt")),
            ru: include_str!(concat!("ru/", $name, ".txt")),
        }),+];
    };
}

topics! {
    "send" ["filing", "how-to", "подать", "отправить"],
    "deadlines" ["how-long", "terms", "сроки", "срок"],
    "files" ["attachments", "файлы", "вложения"],
    "follow" ["track", "следить", "отслеживание"],
    "no-answer" ["overdue", "нет-ответа", "просрочено"],
    "disagree" ["appeal-decision", "bad-answer", "несогласие", "не-решено"],
    "statuses" ["lifecycle", "статусы", "статус"],
    "writing" ["rules", "правила", "текст"],
    "batch" ["пакет", "пакетная-подача"],
    "scripts" ["automation", "json", "сценарии", "скрипты"],
    "exit-codes" ["codes", "errors", "коды", "ошибки"],
    "sign-in" ["accounts", "tokens", "вход", "токены"],
    "server" ["local", "platform", "сервер", "платформа"],
    "privacy" ["who-sees", "приватность", "доступ"],
}

impl Topic {
    /// Returns the topic with this name, in any case.
    pub fn named(name: &str) -> Option<&'static Topic> {
        let name = name.trim().to_lowercase();
        TOPICS.iter().find(|topic| topic.name == name || topic.also.contains(&name.as_str()))
    }

    fn source(&self, lang: Lang) -> &'static str {
        match lang {
            Lang::En => self.en,
            Lang::Ru => self.ru,
        }
    }

    /// Returns its title.
    pub fn title(&self, lang: Lang) -> &'static str {
        self.source(lang).lines().next().unwrap_or_default().trim_start_matches("# ")
    }

    /// Returns its text, without the title.
    pub fn text(&self, lang: Lang) -> String {
        let text = self.source(lang).split_once('\n').map_or("", |(_, text)| text).trim_start_matches('\n');
        if !text.contains('{') {
            return text.to_owned();
        }
        let policy = AttachmentPolicy::default();
        let limits = Rules::default();
        text.replace("{extensions}", &policy.extensions.join(", ").to_uppercase())
            .replace("{file-size}", &size(policy.max_file_bytes, lang))
            .replace("{files-size}", &size(policy.max_total_bytes, lang))
            .replace("{files-count}", &policy.max_files.to_string())
            .replace("{text-max}", &limits.text_max.to_string())
            .replace("{subject-max}", &limits.subject_max.to_string())
            .replace("{statuses}", statuses(lang).trim_end())
    }
}

/// Lists every status with its names and possible moves.
fn statuses(lang: Lang) -> String {
    let mut out = String::new();
    for status in Status::ALL {
        let other = match lang {
            Lang::En => status.label_ru(),
            Lang::Ru => status.label_en(),
        };
        let also: Vec<&str> = std::iter::once(other).chain(status.synonyms().iter().copied()).collect();
        out.push_str(&format!("{status}: {} ({})\n", status_label(lang, status), also.join(", ")));
        let situation = Situation {
            status: Some(status),
            decided: status.is_decided() && !matches!(status, Status::Cancelled),
            ..Situation::default()
        };
        // Moves that differ only in conditions that are not shown here.
        let mut lines = Vec::new();
        for open in open_moves(&situation) {
            let line = format!(
                "  {}: {} → {}\n",
                label(lang, "who", open.who.as_str()),
                label(lang, "action", open.action.as_str()),
                status_label(lang, open.to)
            );
            if !lines.contains(&line) {
                out.push_str(&line);
                lines.push(line);
            }
        }
        if lines.is_empty() {
            out.push_str(&format!("  {}\n", t!(lang, "help-no-moves")));
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_topic_is_there_in_both_languages() {
        for topic in TOPICS {
            for lang in [Lang::En, Lang::Ru] {
                assert!(topic.source(lang).starts_with("# "), "{} has a title", topic.name);
                let text = topic.text(lang);
                let gap = text.split('{').skip(1).find(|rest| {
                    rest.split_once('}').is_some_and(|(name, _)| {
                        !name.is_empty() && name.chars().all(|c| c.is_ascii_lowercase() || c == '-')
                    })
                });
                assert!(gap.is_none(), "{}: {gap:?}", topic.name);
                assert!(text.lines().count() > 5, "{}", topic.name);
                for line in text.lines().filter(|line| !line.starts_with("    ")) {
                    assert!(line.chars().count() <= 120, "{}: {line}", topic.name);
                }
            }
            // Both languages name the same commands.
            let commands = |lang| {
                let text = topic.source(lang);
                text.lines()
                    .filter(|l| l.starts_with("    "))
                    .map(|l| l.split_whitespace().take(2).collect::<Vec<_>>())
                    .collect::<Vec<_>>()
            };
            let (en, ru): (Vec<_>, Vec<_>) = (commands(Lang::En), commands(Lang::Ru));
            assert_eq!(en.len(), ru.len(), "{}", topic.name);
            let appeal = |all: &[Vec<&str>]| {
                all.iter().filter(|w| w[0] == "appeal").map(|w| w[1].to_owned()).collect::<Vec<_>>()
            };
            assert_eq!(appeal(&en), appeal(&ru), "{}", topic.name);
        }
    }

    #[test]
    fn no_name_stands_for_two() {
        let mut names: Vec<&str> =
            TOPICS.iter().flat_map(|t| std::iter::once(t.name).chain(t.also.iter().copied())).collect();
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
        assert_eq!(Topic::named("СРОКИ").map(|t| t.name), Some("deadlines"));
    }

    #[test]
    fn statuses_and_codes_are_all_told() {
        for lang in [Lang::En, Lang::Ru] {
            let text = Topic::named("statuses").unwrap().text(lang);
            for status in Status::ALL {
                assert!(text.contains(status.as_str()) && text.contains(status.label_ru()), "{status}");
            }
            let codes = Topic::named("exit-codes").unwrap().text(lang);
            for exit in crate::cli::base::Exit::ALL {
                let code = exit.code().to_string();
                assert!(codes.lines().any(|l| l.split_whitespace().next() == Some(&code)), "{code}");
            }
        }
    }
}

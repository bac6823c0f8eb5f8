//! `docs/life-cycle.md` is generated from the table that the platform enforces. `APPEAL_UPDATE=1 cargo test --test
//! integration life_cycle` updates it.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use appeal_domain::Status;
use appeal_domain::lifecycle::{Action, Row, TABLE, To, Who};

fn statuses(from: &[Status]) -> String {
    if from.is_empty() {
        return "–".to_owned();
    }
    from.iter().map(|status| format!("`{status}`")).collect::<Vec<_>>().join(", ")
}

fn to(row: &Row) -> String {
    match row.to {
        To::Status(status) => format!("`{status}`"),
        To::AskedFrom => "where it was asked".to_owned(),
    }
}

fn condition(row: &Row) -> String {
    if row.from.is_empty() {
        return String::new();
    }
    let escalated = row.escalated.map(|yes| if yes { "escalated" } else { "not escalated" });
    let decided = row.decided.map(|yes| if yes { "decided" } else { "nothing is decided" });
    let both: Vec<&str> = [escalated, decided].into_iter().flatten().collect();
    both.join(", ")
}

/// Returns the command that makes the move.
fn command(who: Who, action: Action) -> &'static str {
    match (who, action) {
        (Who::Supervisor, Action::Ask) => "`operator ask`",
        (_, Action::Create) => "`create`",
        (_, Action::Submit) => "`submit`",
        (_, Action::Take) => "`operator take`",
        (_, Action::Review) => "`operator review`",
        (_, Action::Ask) => "`operator ask`",
        (_, Action::Reply) => "`reply`",
        (_, Action::Redirect) => "`operator redirect`",
        (_, Action::Answer) => "`operator answer`",
        (_, Action::AnswerAwaiting) => "`operator answer --await-confirmation`",
        (_, Action::Refuse) => "`operator refuse`",
        (_, Action::Confirm) => "`confirm`",
        (_, Action::Dispute) => "`confirm --no`",
        (_, Action::Close) => "`close`",
        (_, Action::Cancel) => "`cancel`",
        (_, Action::Escalate) => "`escalate`",
        (_, Action::Return) => "`supervisor return`",
        (_, Action::Uphold) => "`supervisor uphold`",
        (_, Action::Change) => "`supervisor change`",
        (_, Action::ReplyExpired | Action::AutoClose) => "automatic, when the time has come",
        (_, Action::Register) => "`operator register`",
        (_, Action::Merge) => "`operator merge`",
    }
}

fn page() -> String {
    let mut page = String::from(
        "# Life cycle of an appeal\n\n\
         One table defines what can happen to an appeal (`TABLE` in `src/domain/lifecycle.rs`). The platform enforces it, a\n\
         refused move names the moves that are open, and this page is generated from it.\n\n\
         ## Statuses\n\n| status | label | по-русски | also accepted | final |\n|---|---|---|---|---|\n",
    );
    for status in Status::ALL {
        let _ = writeln!(
            page,
            "| `{status}` | {} | {} | {} | {} |",
            status.label_en(),
            status.label_ru(),
            status.synonyms().join(", "),
            if status.is_final() { "yes" } else { "" },
        );
    }
    page.push_str(
        "\nWherever a status is typed, its name, its labels and the words in this table are accepted, in any case.\n\n\
         ## Moves\n\n\
         | who | move | command | from | only if | to |\n|---|---|---|---|---|---|\n",
    );
    for row in TABLE {
        let _ = writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} |",
            row.who,
            row.action,
            command(row.who, row.action),
            statuses(row.from),
            condition(row),
            to(row),
        );
    }
    page.push_str(
        "\nWhile an appeal is escalated, only the supervisor of that level acts on it for the authority. A final appeal can\n\
         be repeated, rated and, unless it was cancelled, escalated.\n\n\
         ## Diagram\n\n```mermaid\nstateDiagram-v2\n    [*] --> submitted: create\n",
    );
    for status in Status::ALL {
        for next in Status::ALL {
            let mut moves: Vec<&str> = TABLE
                .iter()
                .filter(|row| row.from.contains(&status) && row.to == To::Status(next))
                // Possible in nearly every status; it would hide the rest.
                .filter(|row| row.action != Action::Escalate)
                .map(|row| row.action.as_str())
                .collect();
            moves.dedup();
            if !moves.is_empty() {
                let _ = writeln!(page, "    {status} --> {next}: {}", moves.join(", "));
            }
        }
    }
    for status in Status::ALL.into_iter().filter(|status| status.is_final()) {
        let _ = writeln!(page, "    {status} --> [*]");
    }
    page.push_str("```\n\nEscalations and replies are left out of the diagram; the table has them.\n");
    page
}

#[test]
fn the_page_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/life-cycle.md");
    let page = page();
    if std::env::var_os("APPEAL_UPDATE").is_some_and(|v| v == "1") {
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, &page).expect("a page that can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == page,
        "docs/life-cycle.md is stale; APPEAL_UPDATE=1 cargo test --test integration life_cycle renews it"
    );
}

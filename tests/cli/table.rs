//! Every command, with arguments for the tests that run all of them. A command of the parser without a line here fails.

use appeal::cli::Cli;
use clap::{Command, CommandFactory};

/// Each command has two lines. The first has its name, the person who runs it, arguments for success, arguments for
/// failure, and the exit code, for `every_command`; a space within an argument is `_`. A server does not end, so it has
/// only a name. The second line says whether the command reads or changes something, and has arguments for `dry_run`:
/// for a change with an effect. `@who` is the person who runs it.
const TABLE: &str = "
create | applicant | --subject Тема --category roads --text-file text.txt | --subject Тема --category none --text-file text.txt | 3
    changes --subject {S} --text {T} --category roads --attach {pdf}
list | applicant | --all | --status перезвонить | 2
    reads --all
show | applicant | {plain} | {foreign} | 5
    reads {n} --journal
comment | applicant | {plain} --text Прошу_учесть. | {foreign} --text Нет. | 5
    changes {n} --text x --attach {pdf}
reply | applicant | {asked} --text Здесь. | {plain} --text Нет. | 6
    changes {asked} --text x --attach {pdf}
attach | applicant | {plain} a.png | {plain} none.png | 3
    changes {n} {pdf} --replace {f}
files list | applicant | {files} | {foreign} | 5
    reads {n}
files get | applicant | {replaced} --dir got | {files} none --dir got | 5
    changes {n} --dir {home}/got
files remove | applicant | {files} {files-id} | {files} none | 5
    changes {n} {f}
files history | applicant | {replaced} {replaced-id} | {replaced} none | 5
    reads {n} {f}
files restore | applicant | {replaced} {replaced-id} --version 1 | {replaced} none --version 1 | 5
    changes {n} {f} --version 1
edit | applicant | {edit} --subject Другая_тема | {edit} --contact-email nobody | 3
    changes {n} --text {T}
submit | applicant | {submit} | {withdrawn} | 6
    changes {draft}
discard | applicant | {discard} | {plain} | 6
    changes {draft}
cancel | applicant | {withdraw} | {foreign} | 5
    changes {n}
confirm | applicant | {awaiting} | {plain} | 6
    changes {answered}
close | applicant | {closing} | {plain} | 6
    changes {answered}
repeat | applicant | {repeating} --grounds incomplete --text Ещё_раз. | {plain} --grounds incomplete --text Ещё. | 6
    changes {answered} --grounds incomplete --text {T} --attach {pdf}
escalate | applicant | {unhappy} --level regional --grounds unsatisfactory --reason Нет. | {foreign} --level senior --grounds critical --reason Нет. | 5
    changes {n} --level regional --grounds critical --reason x --attach {pdf}
rate | applicant | {rating} --score 4 | {plain} --score 4 | 6
    changes {answered} --score 5 --remarks x --attach {pdf}
share add | applicant | {plain} --with analyst --role view | {foreign} --with analyst --role view | 5
    changes {n} --with representative --role view
share list | applicant | {shared} | {foreign} | 5
    reads {n}
share remove | applicant | {shared} --with intermediary | {plain} --with intermediary | 5
    changes {n} --with intermediary
watch | applicant | {withdrawn} --until cancelled | {foreign} --until cancelled | 5
    reads {n} --timeout 1s
wait | applicant | {withdrawn} --for cancelled | {withdrawn} --for answered | 6
    reads {n} --for submitted
changes | applicant | --since 1d | --since soon | 2
    changes --cursor-file {home}/new.cursor
journal | applicant | {plain} --verify | {foreign} | 5
    reads {n} --verify
answer | applicant | {rated} | {plain} | 6
    changes {answered} --dir {home}/answers
export | applicant | {rated} --to exported | {foreign} --to other | 5
    changes --to {home}/export.zip
deadline | applicant | {plain} --explain | {foreign} | 5
    reads {n} --explain
check | applicant | --text НЕ_РАБОТАЕТ --subject помогите | none.png | 3
    reads --text x
batch submit | applicant | one.jsonl | bad.jsonl | 3
    changes {home}/rows.csv
batch status | applicant | all.jsonl.journal.jsonl | none.jsonl | 5
    reads {home}/batch.journal
batch retry | applicant | all.jsonl.journal.jsonl | none.jsonl | 5
    changes {home}/batch.journal
unsent list | applicant | | --columns nothing | 2
    reads
unsent show | applicant | {unsent-show} | nothing | 5
    reads 0123abcd
unsent send | applicant | {unsent-send} --server {server} | nothing | 5
    changes 0123abcd
unsent edit | applicant | {unsent-edit} --text Иначе. | {unsent-edit} --subject Тема | 2
    changes 0123abcd --text x
unsent drop | applicant | {unsent-drop} | nothing | 5
    changes 0123abcd
category list | applicant | | --columns nothing | 2
    reads
category show | applicant | roads | nothing | 5
    reads roads
region list | applicant | | --columns nothing | 2
    reads
region show | applicant | 54 | nothing | 5
    reads НСО
template list | applicant | | --columns nothing | 2
    reads
template show | applicant | no-heating | nothing | 5
    reads no-heating
notifications list | applicant | --all | --kind none | 2
    reads
notifications read | applicant | --all | 00000000-0000-7000-8000-000000000000 | 5
    changes --all
notifications settings | applicant | --email off | --push nowhere | 3
    changes --email off
operator queue | operator | --all | --sort nothing | 2
    reads @operator
operator register | operator | --for applicant --channel phone --subject Тема --category roads --text-file text.txt | --for nobody-such --channel phone --subject Тема --category roads --text-file text.txt | 3
    changes @operator --for applicant --channel phone --subject {S} --text {T} --category roads
operator take | operator | {take} | {withdrawn} | 6
    changes @operator {n}
operator review | operator | {extend} | {withdrawn} | 6
    changes @operator {work} --note x
operator similar | operator | {plain} | D-0000000 | 3
    reads @operator {n}
operator involve | operator | {involve} --department housing | {involve} --department nowhere | 3
    changes @operator {work} --department housing
operator assign | operator | {assign} --to operator | {assign} --to nobody-such | 3
    changes @operator {work} --to operator
operator ask | operator | {ask} --text Где? | {withdrawn} --text Где? | 6
    changes @operator {work} --text x --need y
operator comment | operator | {remark} --text Звонили. | {remark} --text-file none.txt | 3
    changes @operator {work} --text x --internal --attach {pdf}
operator redirect | operator | {redirect} --department housing --reason Не_наше. | {redirect} --department nowhere --reason Нет. | 3
    changes @operator {work} --department housing --reason x
operator extend | operator | {decide} --to 30d --reason Сложно. | {withdrawn} --to 30d --reason Сложно. | 6
    changes @operator {work} --to 2099-11-02 --reason x
operator answer | operator | {refuse} --decision explained --text Ответ. | {withdrawn} --decision explained --text Ответ. | 6
    changes @operator {work} --decision granted --text x --attach {pdf}
operator refuse | operator | {review} --reason Нет_оснований. | {withdrawn} --reason Нет. | 6
    changes @operator {work} --reason x
operator merge | operator | {merge} --into {into} | {plain} --into {plain} | 3
    changes @operator {work} --into {n}
operator classify | operator | {classify} --priority high | {classify} --category nowhere | 3
    changes @operator {work} --priority high
supervisor queue | supervisor | --all | --sort nothing | 2
    reads @supervisor
supervisor uphold | supervisor | {uphold} --text Верно. | {plain} --text Верно. | 5
    changes @supervisor-regional {escalated} --text x --attach {pdf}
supervisor change | supervisor | {change} --text Иначе. | {plain} --text Иначе. | 5
    changes @supervisor-regional {escalated} --text x
supervisor return | supervisor | {return} --text Снова. | {plain} --text Снова. | 5
    changes @supervisor-regional {escalated} --text x
supervisor reviews | supervisor | --all | --state none | 2
    reads @supervisor
supervisor revise | supervisor | {rated} | {plain} | 5
    changes @supervisor {rated} --text x --attach {pdf}
report summary | analyst | | --from никогда | 2
    changes @analyst --chart {home}/chart.svg
account show | applicant | | --columns nothing | 2
    reads
account edit | applicant@ | --region 54 | --snils 1 | 3
    changes --region 54
account confirm | applicant@ | --phone +79001234567 | --phone 1 | 3
    changes --code 123456 --document {pdf}
login | @none | --login applicant --password-file password | --login applicant --password-file text.txt | 4
    changes @- --server http://127.0.0.1:9 --login a --password-file {password} --code 123456 --save-as p
logout | @out-1 | | --columns nothing | 2
    changes @- --server http://127.0.0.1:{port}
whoami | applicant | | --columns nothing | 2
    reads
auth login | @none | --login applicant --password-file password | --login applicant --password-file none.txt | 3
    changes @- --server http://127.0.0.1:9 --challenge C --code 123456
auth logout | @out-2 | | --columns nothing | 2
    changes @- --server http://127.0.0.1:{port}
auth status | applicant | | --columns nothing | 2
    reads
auth password | operator@ | --password-file password | --password-file none.txt | 3
    changes --password-file {password}
auth reset | @none | --login applicant --way email | --challenge none --code 1 --password-file password | 4
    changes @- --server http://127.0.0.1:9 --login a
auth token create | applicant | --scope read | --scope read --expires never | 2
    changes --scope read
auth token list | applicant | | --for operator | 4
    reads
auth token revoke | applicant | {token} | 00000000-0000-7000-8000-000000000000 | 5
    changes {token}
auth totp enable | supervisor@ | | --columns nothing | 2
    changes
auth totp confirm | analyst@ | --code {code} | --code 1 | 3
    changes --code 123456
auth totp disable | intermediary@ | --password-file password | --code 1 | 3
    changes --code 123456
admin people list | admin | --all | --columns nothing | 2
    reads @admin
admin people show | admin | applicant | nobody-such | 5
    reads @admin applicant
admin people load | admin | people.json | a.png | 3
    changes @admin {home}/people.json
admin people block | admin | intermediary --reason Проверка. | nobody-such --reason Проверка. | 5
    changes @admin applicant --reason x
admin people unblock | admin | representative | nobody-such | 5
    changes @admin intermediary
admin departments list | admin | | --columns nothing | 2
    reads @admin
admin departments show | admin | reception | nothing | 5
    reads @admin housing
admin departments load | admin | departments.json | a.png | 3
    changes @admin {home}/departments.json
admin categories list | admin | | --columns nothing | 2
    reads @admin
admin categories show | admin | roads | nothing | 5
    reads @admin roads
admin categories load | admin | categories.json | a.png | 3
    changes @admin {home}/categories.json
admin templates list | admin | | --columns nothing | 2
    reads @admin
admin templates show | admin | no-heating | nothing | 5
    reads @admin no-heating
admin templates load | admin | templates.json | a.png | 3
    changes @admin {home}/templates.json
admin calendar list | admin | | --columns nothing | 2
    reads @admin
admin calendar show | admin | ru | nothing | 5
    reads @admin ru
admin calendar load | admin | calendar.json | a.png | 3
    changes @admin {home}/calendar.json
admin policies list | admin | | --columns nothing | 2
    reads @admin
admin policies show | admin | default | nothing | 5
    reads @admin default
admin policies load | admin | policies.json | a.png | 3
    changes @admin {home}/policies.json
admin contacts list | admin | | --columns nothing | 2
    reads @admin
admin contacts show | admin | support | nothing | 5
    reads @admin support
admin contacts load | admin | contacts.json | a.png | 3
    changes @admin {home}/contacts.json
admin backup | admin | another.zip | backup.zip | 3
    changes @admin {home}/new-backup.zip
admin restore | =restored | backup.zip | a.png | 3
    changes @- --server local --data-dir {home}/elsewhere {home}/backup.zip
admin export | admin | --to another-export.zip | --to export.zip | 3
    changes @admin --to {home}/platform
admin import | =imported | export.zip | a.png | 3
    changes @admin {home}/platform.zip
admin log | admin | --all | --columns nothing | 2
    reads @admin
admin status | admin | --verify | --backup none.zip | 3
    reads @admin
api | applicant | GET /v1/appeals --paginate | GET /v1/appeals/{foreign} | 5
    changes POST /v1/appeals/{n}/comments --field text=x
config show | @own | | nothing | 2
    reads
config set | @own | profiles.p3.server local | nothing x | 2
    changes profiles.p.server local
config unset | @own | profiles.p2.server | nothing | 2
    changes profiles.q.server
config path | @own | | --columns nothing | 2
    reads
profile list | @own | | --columns nothing | 2
    reads
profile use | @own | p1 | nothing | 5
    changes q
profile remove | @own | p4 | nothing | 5
    changes q
help | applicant | operator take | nothing-such | 2
    reads
schema | applicant | appeal | nothing-such | 2
    reads
completions | applicant | zsh | cmd | 2
    reads bash
man | applicant | | text.txt/below | 3
    changes {home}/man
serve
    changes @- --data-dir {home}/elsewhere --listen 127.0.0.1:0
";

/// A command with its arguments.
pub struct Listed {
    pub name: &'static str,
    /// How `every_command` runs it.
    pub case: Option<Case>,
    /// Whether it changes something.
    pub changes: bool,
    /// Its arguments in `dry_run`.
    pub args: &'static str,
}

/// A success and a failure.
#[derive(Clone, Copy)]
pub struct Case {
    pub name: &'static str,
    pub who: &'static str,
    pub good: &'static str,
    pub bad: &'static str,
    pub code: i32,
}

/// Returns the table, after comparing it with the parser.
pub fn table() -> Vec<Listed> {
    let lines: Vec<&str> = TABLE.lines().filter(|line| !line.is_empty()).collect();
    let listed: Vec<Listed> = lines.chunks(2).map(listed).collect();
    let known: Vec<&str> = listed.iter().map(|listed| listed.name).collect();
    let leaves = leaves();
    let there: Vec<&str> = leaves.iter().map(|(name, _)| name.as_str()).collect();
    for name in &there {
        assert!(known.contains(name), "{name} is not in the table");
    }
    for name in &known {
        assert!(there.contains(name), "{name} is not a command");
    }
    listed
}

fn listed(lines: &[&'static str]) -> Listed {
    let [first, second] = lines else { panic!("{lines:?}") };
    let parts: Vec<&str> = first.split('|').map(str::trim).collect();
    let (name, case) = match parts[..] {
        [name] => (name, None),
        [name, who, good, bad, code] => {
            (name, Some(Case { name, who, good, bad, code: code.parse().expect("a code") }))
        }
        _ => panic!("{first}"),
    };
    let second = second.strip_prefix("    ").unwrap_or_else(|| panic!("{second}"));
    let (kind, args) = second.split_once(' ').unwrap_or((second, ""));
    let changes = match kind {
        "reads" => false,
        "changes" => true,
        _ => panic!("{second}"),
    };
    Listed { name, case, changes, args }
}

/// Returns every executable command of the parser by its path.
pub fn leaves() -> Vec<(String, Command)> {
    fn walk(at: &Command, words: &str, found: &mut Vec<(String, Command)>) {
        if !at.has_subcommands() {
            found.push((words.to_owned(), at.clone()));
        }
        for inner in at.get_subcommands() {
            walk(inner, format!("{words} {}", inner.get_name()).trim(), found);
        }
    }
    let mut root = Cli::command();
    root.build();
    let mut found = Vec::new();
    walk(&root, "", &mut found);
    assert!(found.len() > 100, "{}", found.len());
    found
}

//! Every command, as run by a program: valid JSON on success and on failure, and termination with any stdin. See
//! `table` for the commands.

use std::collections::{BTreeMap, VecDeque};
use std::os::unix::fs::PermissionsExt;
use std::sync::Mutex;

use super::help::fault;
use super::table::{Case, leaves, table};
use crate::common;
use crate::common::{Person, Run, Server, World, samples};
use serde_json::{Value, json};

/// Number of commands run concurrently.
const AT_ONCE: usize = 4;

/// Runs the work for all jobs, several at a time; collects the reported faults.
fn side_by_side<J: Send>(jobs: Vec<J>, work: impl Fn(J) -> Vec<String> + Sync) -> Vec<String> {
    let queue = Mutex::new(VecDeque::from(jobs));
    let wrong = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(job) = queue.lock().unwrap().pop_front() else { break };
                    let found = work(job);
                    wrong.lock().unwrap().extend(found);
                }
            });
        }
    });
    wrong.into_inner().unwrap()
}

fn words(line: &str) -> Vec<String> {
    line.split_whitespace().map(|word| word.replace('_', " ")).collect()
}

/// A served platform with suitable objects for every command.
struct Stage {
    world: World,
    server: Server,
    /// Values of the words in braces.
    names: BTreeMap<String, String>,
}

const APPEALS: &str = "plain asked files replaced withdrawn withdraw awaiting closing repeating unhappy rating rated \
    shared take review involve assign ask remark redirect extend decide refuse merge into classify uphold change return";

impl Stage {
    fn new() -> Stage {
        let world = World::local();
        world.file("text.txt", common::TEXT);
        world.file("a.png", samples::png());
        world.file("b.png", samples::png_sized(300));
        world.file("password", "верблюд в кепке 7\n");
        world.file("one.jsonl", format!("{}\n", record("one")));
        world.file("bad.jsonl", "{\"subject\": \"\", \"text\": \"\"}\n");
        let all: String = APPEALS.split_whitespace().map(|name| format!("{}\n", record(name))).collect();
        world.file("all.jsonl", all);
        world.file("half.jsonl", format!("{}\n{{\"subject\": \"\", \"text\": \"\"}}\n", record("half")));
        let person = world.locally("applicant");
        person.run(["auth", "password", "--password-file", "password"]).ok();
        let server = Server::start(&world, &["--smtp", "file:sent", "--sms-gateway", "file:sent"]);
        let mut stage = Stage { world, server, names: BTreeMap::new() };
        stage.fill();
        stage
    }

    fn by(&self, login: &str) -> Person {
        self.world
            .anonymous()
            .env("APPEAL_SERVER", &self.server.url)
            .env("APPEAL_TOKEN", self.world.token(login))
    }

    /// Splits a line into words, with those in braces replaced.
    fn line(&self, line: &str) -> Vec<String> {
        let known = |word: String| {
            let Some((before, rest)) = word.split_once('{') else { return word };
            let (name, after) = rest.split_once('}').expect("a brace");
            let value = self.names.get(name).unwrap_or_else(|| panic!("{name} is not on the stage"));
            format!("{before}{value}{after}")
        };
        words(line).into_iter().map(known).collect()
    }

    /// Returns what a command prints about the object that it creates.
    fn made(&self, login: &str, line: &str) -> String {
        self.by(login).run(self.line(&format!("{line} -q"))).ok().line().to_owned()
    }

    fn fill(&mut self) {
        let rows = self.by("applicant").run(["batch", "submit", "all.jsonl", "-o", "json"]).ok().json();
        for row in rows.as_array().expect("rows") {
            let text = |key: &str| row[key].as_str().unwrap_or_else(|| panic!("{row}")).to_owned();
            self.names.insert(text("key"), text("number"));
        }
        self.by("applicant").run(["batch", "submit", "half.jsonl", "--allow-invalid"]).code(9);
        let create = "create --subject Тема --category roads --text-file text.txt";
        let foreign = self.made("representative", create);
        let drafts: Vec<String> =
            (0..3).map(|_| self.made("applicant", &format!("{create} --draft"))).collect();
        let token = self.made("applicant", "auth token create --scope read --jq .id");
        self.names
            .extend([("foreign", foreign), ("token", token)].map(|(name, value)| (name.to_owned(), value)));
        self.names.extend(["edit", "submit", "discard"].map(str::to_owned).into_iter().zip(drafts));
        // The moves that lead to each object.
        let mut chains: BTreeMap<&str, Vec<(&str, String)>> = BTreeMap::new();
        let mut after = |name: &'static str, login: &'static str, line: &str| {
            chains.entry(name).or_default().push((login, line.replace('@', &format!("{{{name}}}"))));
        };
        for name in ["files", "replaced"] {
            after(name, "applicant", "attach @ a.png");
        }
        after("withdrawn", "applicant", "cancel @");
        after("shared", "applicant", "share add @ --with intermediary --role view");
        for name in
            "closing repeating unhappy rating rated asked awaiting extend decide refuse uphold change return"
                .split_whitespace()
        {
            after(name, "operator", "operator take @");
        }
        after("asked", "operator", "operator ask @ --text Где?");
        after("awaiting", "operator", "operator answer @ --decision granted --text Да. --await-confirmation");
        for name in "closing repeating unhappy rating rated uphold change return".split_whitespace() {
            after(name, "operator", "operator answer @ --decision explained --text Ответ. --attach a.png");
        }
        for name in ["uphold", "change", "return"] {
            let line = "escalate @ --level regional --grounds unsatisfactory --reason Неполно.";
            after(name, "applicant", line);
        }
        after("rated", "applicant", "rate @ --score 1 --category legal --remarks Плохо.");
        let stage = &*self;
        let wrong = side_by_side(chains.into_values().collect(), |chain| {
            let run = |(login, line): &(&str, String)| {
                let run = stage.by(login).run(stage.line(line));
                (run.status != 0).then(|| format!("{run:?}"))
            };
            chain.iter().find_map(run).into_iter().collect()
        });
        assert!(wrong.is_empty(), "{wrong:?}");
        for name in ["files", "replaced"] {
            let id = self.made("applicant", &format!("files list {{{name}}}"));
            self.names.insert(format!("{name}-id"), id);
        }
        self.by("applicant").run(self.line("attach {replaced} b.png --replace {replaced-id}")).ok();
        for name in ["show", "send", "edit", "drop"] {
            let silent = self.by("applicant").env("APPEAL_SERVER", "http://127.0.0.1:9");
            let args = self.line("comment {plain} --text Ещё. --retry-for 0s -o json");
            let id =
                silent.run(args).code(7).error()["details"][0]["unsent"].as_str().expect("an id").to_owned();
            self.names.insert(format!("unsent-{name}"), id);
        }
        self.names.insert("server".to_owned(), self.server.url.clone());
        // Possible only on the machine itself.
        let local = |login: &str, line: &str| self.world.locally(login).run(self.line(line)).ok();
        let codes = |login: &str| {
            let url = local(login, "auth totp enable -q").line().to_owned();
            let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a clock");
            totp_rs::Totp::from_url(&url).expect("a secret").generate(now.as_secs()).to_string()
        };
        let code = codes("analyst");
        local("intermediary", "auth password --password-file password");
        let other = codes("intermediary");
        local("intermediary", &format!("auth totp confirm --code {other}"));
        local("admin", "admin people block representative --reason Проверка.");
        local("admin", "admin backup backup.zip");
        local("admin", "admin export --to export.zip");
        for kind in ["people", "departments", "categories", "templates", "calendar", "policies", "contacts"] {
            let all = local("admin", &format!("admin {kind} list -o json"));
            self.world.file(&format!("{kind}.json"), &all.stdout);
        }
        self.names.insert("code".to_owned(), code);
        // A token as stored by `appeal login`, for each of the two names of the command that deletes it.
        for home in ["out-1", "out-2"] {
            let place = format!("{home}/appeal/credentials.toml");
            let session =
                format!("[tokens]\n\"{}\" = \"{}\"\n", self.server.url, self.world.token("supervisor"));
            let file = self.world.file(&place, session);
            std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o600)).expect("permissions");
        }
        self.world.file(
            "own/appeal/config.toml",
            "[profiles.p1]\nserver = \"local\"\n[profiles.p2]\nserver = \"local\"\n\
             [profiles.p4]\nserver = \"local\"\n",
        );
    }

    /// Returns the person who runs a command: a login, over the network; `login@` on the machine itself; `@folder`
    /// without a token, with the config file in that folder; `=folder` on an empty platform in that folder.
    fn who(&self, who: &str) -> Person {
        if let Some(login) = who.strip_suffix('@') {
            return self.world.locally(login);
        }
        if let Some(folder) = who.strip_prefix('=') {
            return self.world.locally("admin").env("APPEAL_DATA_DIR", self.world.join(folder));
        }
        if let Some(folder) = who.strip_prefix('@') {
            let server = self.world.anonymous().env("APPEAL_SERVER", &self.server.url);
            return server.env("XDG_CONFIG_HOME", self.world.join(folder));
        }
        self.by(who)
    }
}

fn record(key: &str) -> Value {
    json!({
        "key": key, "subject": format!("Яма на дороге, {key}"), "text": format!("{} {key}.", common::TEXT),
        "category": "roads", "contact_email": "a@example.org",
    })
}

/// Returns what is wrong with a success: stdout must be one JSON value other than null and false, stderr not an error.
fn fault_of_success(run: &Run) -> Option<&'static str> {
    if run.status != 0 {
        return Some("it fails");
    }
    match serde_json::from_slice::<Value>(&run.stdout) {
        Ok(Value::Null | Value::Bool(false)) => Some("nothing in it"),
        Ok(_) if run.stderr.contains("\"error\"") => Some("an error on stderr"),
        Ok(_) => None,
        Err(_) => Some("no JSON"),
    }
}

/// The schemas of what commands print.
struct Schemas(BTreeMap<String, Vec<Value>>);

impl Schemas {
    fn read(person: &Person) -> Schemas {
        let mut of_command: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        for row in person.run(["schema", "-o", "json"]).ok().json().as_array().expect("rows") {
            let commands = row["commands"].as_array().expect("commands");
            if commands.is_empty() {
                continue;
            }
            let schema = person.run(["schema", row["name"].as_str().expect("a name")]).ok().json();
            for command in commands {
                of_command
                    .entry(command.as_str().expect("a command").to_owned())
                    .or_default()
                    .push(schema.clone());
            }
        }
        Schemas(of_command)
    }

    /// Returns why the output of a command fits none of its schemas.
    fn fault(&self, command: &str, output: &Value) -> Option<String> {
        let schemas = self.0.get(command).map(Vec::as_slice).unwrap_or_default();
        let faults: Vec<Option<String>> = schemas
            .iter()
            .map(|schema| {
                let whole = fault(output, schema, schema, "");
                match output.as_array() {
                    Some(items) if whole.is_some() => {
                        items.iter().find_map(|item| fault(item, schema, schema, ""))
                    }
                    _ => whole,
                }
            })
            .collect();
        match faults.iter().any(Option::is_none) {
            true => None,
            false => Some(format!("{command} fits no schema: {faults:?}: {output}")),
        }
    }
}

#[test]
fn every_command_has_a_schema_of_what_it_prints() {
    let schemas = Schemas::read(&World::local().anonymous());
    let commands: Vec<String> = leaves().into_iter().map(|(name, _)| name).collect();
    for name in &commands {
        assert!(schemas.0.contains_key(name), "{name} has no schema");
    }
    for name in schemas.0.keys() {
        assert!(commands.contains(name), "{name} is not a command");
    }
}

/// Returns what is wrong with a failure: stderr must be one error object, stdout empty or JSON.
fn fault_of_failure(run: &Run, code: i32) -> Option<&'static str> {
    if run.status != code {
        return Some("another code");
    }
    if !run.stdout.is_empty() && serde_json::from_slice::<Value>(&run.stdout).is_err() {
        return Some("no JSON on stdout");
    }
    let Ok(output) = serde_json::from_str::<Value>(&run.stderr) else { return Some("no JSON on stderr") };
    let Some(error) =
        output["error"].as_object().filter(|_| output.as_object().is_some_and(|o| o.len() == 1))
    else {
        return Some("no error");
    };
    let keys: Vec<&str> = error.keys().map(String::as_str).collect();
    let text = |key: &str| error[key].as_str().is_some_and(|text| !text.is_empty());
    let details = error["details"].as_array().is_some_and(|all| all.iter().all(Value::is_object));
    (keys != ["code", "message", "hint", "details"] || !text("code") || !text("message") || !details)
        .then_some("another form")
}

#[test]
fn every_command_speaks_json() {
    let cases: Vec<Case> = table().into_iter().filter_map(|listed| listed.case).collect();
    let stage = Stage::new();
    // Tokens are created sequentially, before they are needed concurrently.
    for login in ["applicant", "operator", "supervisor", "analyst", "admin"] {
        stage.world.token(login);
    }
    let schemas = Schemas::read(&stage.world.anonymous());
    let jobs = |case: Case| {
        let line = |rest: &str| words(case.name).into_iter().chain(stage.line(rest)).collect::<Vec<_>>();
        (line(case.good), line(case.bad), case)
    };
    let wrong = side_by_side(cases.into_iter().map(jobs).collect(), |(good, bad, case)| {
        // Stdin is only read on request: one that never ends, and one that is closed.
        let waiting = stage.who(case.who).stdin_open();
        let closed = stage.who(case.who).stdin_closed();
        let mut wrong = Vec::new();
        let mut look = |fault: Option<&str>, run: &Run| {
            wrong.extend(fault.map(|fault| format!("{}: {fault}: {run:?}", case.name)));
        };
        let run = closed.run(["-o", "json"].map(str::to_owned).iter().chain(&bad));
        look(fault_of_failure(&run, case.code), &run);
        let run = waiting.run(bad.iter().map(String::as_str).chain(["--frobnicate", "--json"]));
        look(fault_of_failure(&run, 2), &run);
        let run = waiting.run(good.iter().map(String::as_str).chain(["-o", "json"]));
        let fault = fault_of_success(&run);
        look(fault, &run);
        if fault.is_none() {
            wrong.extend(schemas.fault(case.name, &run.json()));
        }
        wrong
    });
    assert!(wrong.is_empty(), "{}: {}", wrong.len(), wrong.join("\n"));
    // Commands that need only flags.
    let nobody = stage.world.anonymous();
    for args in
        [&["--version", "-o", "json"][..], &["--help", "--json"], &["-qo", "json", "files", "get", "--help"]]
    {
        let run = nobody.run(args);
        assert_eq!(fault_of_success(&run), None, "{run:?}");
    }
    // A server prints its address, and stops on a signal.
    let database = stage.world.database();
    let mut server =
        nobody.follow(["serve", "--listen", "127.0.0.1:0", "--database", &database, "-o", "json"]);
    let line = server.until("a URL", |line| line.contains("url"));
    let line: Value = serde_json::from_str(&line).expect("JSON");
    assert!(line["url"].as_str().is_some_and(|url| url.starts_with("http://127.0.0.1:")), "{line}");
    server.signal(15);
    assert_eq!(server.finish().0, 0);
}

/// Returns a value that fits an argument, for a command that is run without knowing what it does.
fn something(argument: &clap::Arg, number: &str) -> Option<String> {
    if let Some(value) = argument.get_possible_values().first() {
        return Some(value.get_name().to_owned());
    }
    if !argument.get_action().takes_values() {
        return None;
    }
    let name = argument.get_value_names().and_then(<[_]>::first).map_or("", |name| name.as_str());
    Some(match name {
        "NUMBER" | "DRAFT" => number.to_owned(),
        "FILE" | "PATH" | "JOURNAL" => "text.txt".to_owned(),
        "DIR|FILE.zip" => "somewhere.zip".to_owned(),
        "METHOD" => "GET".to_owned(),
        "1..5" | "V" => "3".to_owned(),
        "WHEN" => "2026-12-25".to_owned(),
        "STATUS" => "answered".to_owned(),
        _ => "something".to_owned(),
    })
}

#[test]
fn nothing_waits_for_input_that_never_comes() {
    let world = World::local();
    world.file("text.txt", common::TEXT);
    let number = world.filed();
    // Editors and pagers never end.
    let forever = world.file("forever", "#!/bin/sh\nexec sleep 1000\n");
    std::fs::set_permissions(&forever, std::fs::Permissions::from_mode(0o755)).expect("permissions");
    let person = |login: &str| {
        let person = world.locally(login).env("EDITOR", &forever).env("VISUAL", &forever);
        person.env("PAGER", &forever).env("TERM", "xterm").env("APPEAL_RETRY_FOR", "0s")
    };
    let mut jobs = Vec::new();
    for (name, command) in leaves().into_iter().filter(|(name, _)| name != "serve") {
        let login = match name.split(' ').next().expect("a word") {
            login @ ("operator" | "supervisor" | "admin") => login.to_owned(),
            _ => "applicant".to_owned(),
        };
        let mut least: Vec<String> = Vec::new();
        for argument in command.get_arguments().filter(|a| a.is_required_set() && !a.is_global_set()) {
            if let (Some(long), false) = (argument.get_long(), argument.is_positional()) {
                least.push(format!("--{long}"));
            }
            least.extend(something(argument, &number));
        }
        if name == "watch" {
            // The only command that runs without end.
            least.extend(["--timeout", "1s"].map(str::to_owned));
        }
        let bare = if name == "watch" { least.clone() } else { Vec::new() };
        jobs.push((name.clone(), login.clone(), bare, true));
        jobs.push((name, login, least, false));
    }
    let wrong = side_by_side(jobs, |(name, login, args, closed)| {
        let person = if closed { person(&login).stdin_closed() } else { person(&login).stdin_open() };
        let local = ["login", "logout", "auth login", "auth logout", "auth reset"].contains(&name.as_str());
        let person = if local { person.env("APPEAL_SERVER", "http://127.0.0.1:9") } else { person };
        let line: Vec<String> = words(&name).into_iter().chain(args).collect();
        // A command that waits is ended by the general time limit.
        let run = person.run(&line);
        let mut wrong = Vec::new();
        if ![0, 2, 3, 4, 5, 6, 7].contains(&run.status) && (name.as_str(), run.status) != ("watch", 8) {
            wrong.push(format!("{run:?}"));
        }
        // What is missing is named: a flag, or an argument in angle brackets.
        if closed && run.status == 2 && !run.stderr.contains("--") && !run.stderr.contains('<') {
            wrong.push(format!("nothing is named: {run:?}"));
        }
        wrong
    });
    assert!(wrong.is_empty(), "{}: {}", wrong.len(), wrong.join("\n"));
}

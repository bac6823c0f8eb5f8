use super::*;

fn parsed(text: &str) -> Result<Config, Error> {
    Config::parse(Path::new("config.toml"), text)
}

#[test]
fn an_absent_file_is_empty() {
    let dir = tempfile::tempdir().unwrap();
    let config = Config::load(&dir.path().join("none.toml")).unwrap();
    assert!(config.profiles().is_empty());
    assert_eq!(config.default_profile(), None);
}

#[test]
fn settings_are_set_read_and_unset() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deep/er/config.toml");
    let mut config = Config::load(&path).unwrap();
    config.set("profiles.work.server", "https://appeals.example").unwrap();
    config.set("profiles.work.as", "operator").unwrap();
    config.set("default_profile", "work").unwrap();
    config.save().unwrap();

    let mut again = Config::load(&path).unwrap();
    assert_eq!(again.get("profiles.work.server").unwrap().as_deref(), Some("https://appeals.example"));
    assert_eq!(again.default_profile().as_deref(), Some("work"));
    assert!(again.unset("profiles.work.as").unwrap());
    assert!(!again.unset("profiles.work.as").unwrap());
    assert_eq!(again.chosen(None).unwrap().as_, None);
    assert!(again.remove_profile("work"));
    assert_eq!(again.default_profile(), None);
}

#[test]
fn comments_and_order_are_kept() {
    let text = "# mine\ndefault_profile = \"b\" # why\n\n[profiles.b]\nserver = \"local\" # here\n\n[profiles.a]\n# kept\nserver = \"local\"\n";
    let mut config = parsed(text).unwrap();
    config.set("profiles.b.server", "http://b.example").unwrap();
    assert_eq!(config.text(), text.replacen("\"local\"", "\"http://b.example\"", 1));
}

#[test]
fn a_mistake_is_named_with_its_line() {
    for (text, line, word) in [
        ("\n\nx = 1", 3, "'x'"),
        ("default_profile = 3", 1, "default_profile"),
        ("[profiles.a]\nserver = \"local\"\ntoken = \"t\"", 3, "'token'"),
        ("[profiles.a]\nserver = \"ftp://x\"", 2, "ftp://x"),
        ("[profiles.a]\n\noutput = \"xml\"", 3, "xml"),
        ("a = = 1", 1, ""),
        ("[profiles.a]\nserver = \"https://me:pass@host\"", 2, "password"),
    ] {
        match parsed(text) {
            Err(Error::Malformed { line: found, message, .. }) => {
                assert_eq!(found, line, "{text}: {message}");
                assert!(message.contains(word), "{message}");
            }
            other => panic!("{text}: {other:?}"),
        }
    }
}

#[test]
fn unknown_settings_and_values_are_refused() {
    let mut config = parsed("").unwrap();
    assert!(matches!(config.set("profiles.a.token", "x"), Err(Error::UnknownKey(_))));
    assert!(matches!(config.get("nothing"), Err(Error::UnknownKey(_))));
    assert!(matches!(config.set("profiles.a.output", "xml"), Err(Error::BadValue { .. })));
    assert!(matches!(config.set("default_profile", "a"), Err(Error::BadValue { .. })));
}

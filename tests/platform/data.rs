//! The files of a platform: one database, marked as such; others are refused and left as they are.

use crate::common::World;

#[test]
fn a_file_of_another_program_is_refused_and_left_as_it_is() {
    let world = World::empty();
    let other = world.join("other.db");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        use sqlx::Connection as _;
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&other).create_if_missing(true);
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await.expect("a database");
        sqlx::query("CREATE TABLE notes (text TEXT)").execute(&mut connection).await.expect("a table");
        connection.close().await.expect("an end");
    });
    for (name, bytes) in [
        ("other.db", std::fs::read(&other).expect("the database")),
        ("empty.db", Vec::new()),
        ("text.db", b"not a database".to_vec()),
    ] {
        let path = world.join(name);
        std::fs::write(&path, &bytes).expect("a file");
        let database = format!("sqlite:{path}");
        world.anonymous().run(["--server", "local", "--database", &database, "list"]).code(10);
        world.anonymous().run(["serve", "--listen", "127.0.0.1:0", "--database", &database]).code(10);
        assert_eq!(std::fs::read(&path).expect("the file"), bytes, "{name}");
    }
}

#[test]
fn a_database_that_is_not_there_is_not_created() {
    let world = World::empty();
    let path = world.join("mistyped.db");
    let database = format!("sqlite:{path}");
    world.anonymous().run(["--server", "local", "--database", &database, "list"]).code(10);
    assert!(!std::path::Path::new(&path).exists());
}

#[test]
fn the_data_is_in_one_file_when_no_command_runs() {
    let world = World::local();
    let number = world.filed();
    let names: Vec<String> = std::fs::read_dir(world.data())
        .expect("the data")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with("appeal.db"))
        .collect();
    assert_eq!(names, ["appeal.db"]);
    let copy = World::empty();
    std::fs::create_dir(copy.data()).expect("a directory");
    std::fs::copy(world.data().join("appeal.db"), copy.data().join("appeal.db")).expect("a copy");
    assert_eq!(copy.locally("applicant").run(["list", "-q"]).ok().line(), number);
}

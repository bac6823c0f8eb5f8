//! The database under concurrent use.

use futures_util::future::join_all;

use super::*;
use crate::fault::Fault;
use crate::store::meta;

#[tokio::test]
async fn use_cases_share_commits_and_one_that_fails_touches_no_other() {
    let p = TestPlatform::new().await;
    let db = p.app.db();
    let before = *db.commits().borrow();
    let writes = (0..300).map(|n: i64| {
        db.write(move |tx| {
            Box::pin(async move {
                meta::set(tx, &format!("row-{n}"), "here").await?;
                match n % 10 {
                    3 => Err(Fault::Internal("on purpose".to_owned())),
                    7 => panic!("on purpose"),
                    _ => Ok(n),
                }
            })
        })
    });
    let results = join_all(writes).await;
    for (n, result) in results.iter().enumerate() {
        assert_eq!(result.is_ok(), !matches!(n % 10, 3 | 7), "{n}");
    }
    assert_eq!(p.count("SELECT count(*) AS n FROM meta WHERE name LIKE 'row-%'").await, 240);
    assert_eq!(p.count("SELECT count(*) AS n FROM meta WHERE name LIKE 'row-%3'").await, 0);
    let commits = *db.commits().borrow() - before;
    assert!((1..=30).contains(&commits), "{commits} commits for 300 writes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_platforms_on_one_file_write_at_once_and_lose_nothing() {
    let p = TestPlatform::new().await;
    let other = p.open_again().await;
    let writes = (0..200).map(|n: i64| {
        let platform = if n % 2 == 0 { p.clone() } else { other.clone() };
        tokio::spawn(async move {
            platform
                .app
                .db()
                .write(move |tx| {
                    Box::pin(async move {
                        // Reading first makes a deferred transaction lose its write.
                        meta::get(tx, "epoch").await?;
                        meta::set(tx, &format!("row-{n}"), "here").await
                    })
                })
                .await
        })
    });
    for result in join_all(writes).await {
        result.unwrap().unwrap();
    }
    assert_eq!(p.count("SELECT count(*) AS n FROM meta WHERE name LIKE 'row-%'").await, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_first_use_by_many_at_once_seeds_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("new").join("data");
    let opens = (0..8).map(|_| tokio::spawn(Platform::open(settings(&path))));
    let mut epochs = std::collections::BTreeSet::new();
    for opened in join_all(opens).await {
        let platform = opened.unwrap().unwrap();
        epochs.insert(platform.app.read(async |tx| events::epoch(tx).await).await.unwrap());
        let categories = platform.app.read(async |tx| catalogue::categories(tx).await).await.unwrap();
        assert!(categories.len() > 30);
    }
    assert_eq!(epochs.len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_may_read_the_data() {
    use std::os::unix::fs::PermissionsExt as _;
    let p = TestPlatform::new().await;
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&p.data()) & 0o777, 0o700);
    // Wherever the database is, even in a directory that others may read.
    for entry in std::fs::read_dir(p.data()).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path) & 0o077, 0, "{}", path.display());
    }
}

#[tokio::test]
async fn a_server_starts_with_an_administrator_and_no_credentials() {
    let server = TestPlatform::open(|settings| settings.local_people = false).await;
    let logins = server.app.read(async |tx| crate::store::people::logins(tx).await).await.unwrap();
    assert_eq!(logins, ["admin"]);
    let sql = "SELECT (SELECT count(*) FROM tokens) + (SELECT count(*) FROM people WHERE password_hash \
               IS NOT NULL) AS n";
    assert_eq!(server.count(sql).await, 0);
}

#[tokio::test]
async fn opening_the_database_of_a_server_locally_adds_no_people() {
    let server = TestPlatform::open(|settings| settings.local_people = false).await;
    let local = server.open_again().await;
    assert!(matches!(local.local_session("applicant").await, Err(OpenError::Login { .. })));
    assert!(local.local_session("admin").await.is_ok());
}

/// Opens a platform whose database has this URL; returns the error.
async fn open_error(dir: &std::path::Path, url: &str) -> String {
    let settings = Settings { database: Some(url.to_owned()), ..settings(dir) };
    match Platform::open(settings).await {
        Err(error) => error.to_string(),
        Ok(_) => panic!("{url} was opened"),
    }
}

#[tokio::test]
async fn an_unsupported_database_names_the_supported_one() {
    let dir = tempfile::tempdir().unwrap();
    assert!(open_error(dir.path(), "postgres://somewhere").await.contains("sqlite:PATH"));
}

#[tokio::test]
async fn a_file_that_is_not_a_database_is_not_opened() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("letter.db"), "Dear Sir or Madam, ".repeat(500)).unwrap();
    let url = format!("sqlite:{}", dir.path().join("letter.db").display());
    let message = open_error(dir.path(), &url).await;
    assert!(message.contains("not a database"), "{message}");
}

#[tokio::test]
async fn a_database_below_a_file_is_not_opened() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("plain"), "").unwrap();
    let url = format!("sqlite:{}", dir.path().join("plain/x.db").display());
    let message = open_error(dir.path(), &url).await;
    assert!(message.contains("plain"), "{message}");
}

#[tokio::test]
async fn a_database_of_a_newer_version_is_not_opened() {
    let p = TestPlatform::new().await;
    p.sql(
        "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time) \
         VALUES (9999, 'later', CURRENT_TIMESTAMP, 1, x'00', 0)",
    )
    .await;
    p.close().await;
    let message = Platform::open(settings(&p.data())).await.err().unwrap().to_string();
    assert!(message.contains("newer version"), "{message}");
}

#[tokio::test]
async fn a_reader_that_disconnects_leaves_no_transaction_behind() {
    let p = TestPlatform::new().await;
    for _ in 0..20 {
        let mut snapshot = p.app.db().snapshot().await.unwrap();
        meta::get(&mut snapshot, "epoch").await.unwrap();
        drop(snapshot);
    }
    assert!(p.app.read(async |tx| meta::get(tx, "epoch").await).await.unwrap().is_some());
}

#[tokio::test]
async fn routing_prefers_the_department_of_the_region() {
    let p = TestPlatform::new().await;
    let route = async |category: &'static str, region: Option<&'static str>| {
        p.app
            .read(async |tx| catalogue::route(tx, category, region, &appeal_domain::Regions::stock()).await)
            .await
    };
    assert_eq!(route("roads.repair", None).await.unwrap(), "roads");
    assert_eq!(route("roads.repair", Some("77")).await.unwrap(), "roads");
    assert_eq!(route("roads.repair", Some(" НОВОСИБИРСКАЯ область")).await.unwrap(), "roads-54");
    assert_eq!(route("housing", Some("25")).await.unwrap(), "housing-25");
    assert!(route("nothing", None).await.is_err());
}

/// Gives an appeal about taxes to the operator with the least work; returns the login.
async fn give_work(p: &TestPlatform) -> String {
    p.app
        .db()
        .write(|tx| {
            Box::pin(async move {
                let operator = catalogue::least_loaded_operator(tx, "taxes").await?.unwrap();
                let login = catalogue::person_ref(tx, &operator).await?.login;
                let id = plant(tx, "applicant", &fresh_id(), "taxes").await?;
                tx.run("UPDATE appeals SET responsible_id = $1 WHERE id = $2", args![&operator, &id]).await?;
                Ok(login)
            })
        })
        .await
        .unwrap()
}

#[tokio::test]
async fn an_operator_of_every_department_comes_last_however_busy_the_others_are() {
    let p = TestPlatform::new().await;
    assert_eq!(give_work(&p).await, "operator-taxes");
    assert_eq!(give_work(&p).await, "operator-taxes");
}

#[tokio::test]
async fn work_goes_to_the_operator_with_the_least() {
    let p = TestPlatform::new().await;
    for _ in 0..2 {
        give_work(&p).await;
    }
    p.person("operator-second", "operator", "active").await;
    p.sql("INSERT INTO department_operators VALUES ('taxes', 'id-operator-second')").await;
    let next = [give_work(&p).await, give_work(&p).await, give_work(&p).await, give_work(&p).await];
    // The third is a tie, decided by login.
    assert_eq!(next, ["operator-second", "operator-second", "operator-second", "operator-taxes"]);
}

#[tokio::test]
async fn existing_data_can_be_opened_repeatedly() {
    let p = TestPlatform::new().await;
    for _ in 0..5 {
        let platform = p.open_again().await;
        assert_eq!(platform.get("applicant", "/v1/me").await.status, 200);
        platform.close().await;
    }
}

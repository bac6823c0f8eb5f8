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
    let opens = (0..8).map(|_| {
        let settings = settings(&path);
        tokio::spawn(async move { Platform::open(settings).await })
    });
    let mut epochs = std::collections::BTreeSet::new();
    for opened in join_all(opens).await {
        let platform = opened.unwrap().unwrap();
        epochs.insert(platform.app.read(async |tx| events::epoch(tx).await).await.unwrap());
        let categories = platform.app.read(async |tx| catalogue::categories(tx).await).await.unwrap();
        assert!(categories.len() > 30);
    }
    assert_eq!(epochs.len(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700, "the data are their owner's alone");
        // Wherever the database is, even in a directory that others may read.
        for entry in std::fs::read_dir(&path).unwrap() {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{}", entry.path().display());
        }
    }
}

#[tokio::test]
async fn a_server_has_reference_data_and_no_open_accounts() {
    let dir = tempfile::tempdir().unwrap();
    let database = Some(format!("sqlite:{}", dir.path().join("server.db").display()));
    let own = Settings { local_people: false, database: database.clone(), ..settings(dir.path()) };
    let server = Platform::open(own).await.unwrap();
    let logins = server.app.read(async |tx| crate::store::people::logins(tx).await).await.unwrap();
    assert_eq!(logins, ["admin"]);
    let open = server
        .app
        .read(async |tx| {
            let sql = "SELECT (SELECT count(*) FROM tokens) + (SELECT count(*) FROM people WHERE password_hash \
                       IS NOT NULL) AS n";
            Ok(tx.one(sql, args![]).await?.int("n")?)
        })
        .await
        .unwrap();
    assert_eq!(open, 0);
    // Opening it as local from this machine does not add people either.
    let local = Settings { database, ..settings(dir.path()) };
    let local = Platform::open(local).await.unwrap();
    assert!(matches!(local.local_session("applicant").await, Err(OpenError::Login { .. })));
    assert!(local.local_session("admin").await.is_ok());
}

#[tokio::test]
async fn open_errors_have_messages() {
    let dir = tempfile::tempdir().unwrap();
    let open = async |url: &str| {
        let settings = Settings { database: Some(url.to_owned()), ..settings(dir.path()) };
        match Platform::open(settings).await {
            Err(error) => error.to_string(),
            Ok(_) => panic!("{url} was opened"),
        }
    };
    assert!(open("postgres://somewhere").await.contains("sqlite:PATH"));
    std::fs::write(dir.path().join("letter.db"), "Dear Sir or Madam, ".repeat(500)).unwrap();
    let foreign = open(&format!("sqlite:{}", dir.path().join("letter.db").display())).await;
    assert!(foreign.contains("not a database"), "{foreign}");
    std::fs::write(dir.path().join("plain"), "").unwrap();
    let under = open(&format!("sqlite:{}", dir.path().join("plain/x.db").display())).await;
    assert!(under.contains("plain"), "{under}");

    let newer = dir.path().join("newer.db");
    let url = format!("sqlite:{}", newer.display());
    let first = Settings { database: Some(url.clone()), ..settings(dir.path()) };
    let platform = Platform::open(first).await.unwrap();
    platform
        .app
        .db()
        .write(|tx| {
            Box::pin(async move {
                let sql = "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, \
                           execution_time) VALUES (9999, 'later', CURRENT_TIMESTAMP, 1, x'00', 0)";
                tx.run(sql, args![]).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    platform.close().await;
    let message = open(&url).await;
    assert!(message.contains("newer version"), "{message}");
}

#[tokio::test]
async fn a_reader_that_goes_away_leaves_no_transaction_behind() {
    let p = TestPlatform::new().await;
    for _ in 0..20 {
        let mut snapshot = p.app.db().snapshot().await.unwrap();
        meta::get(&mut snapshot, "epoch").await.unwrap();
        drop(snapshot);
    }
    assert!(p.app.read(async |tx| meta::get(tx, "epoch").await).await.unwrap().is_some());
}

#[tokio::test]
async fn routing_prefers_the_region_and_the_operator_with_least_to_do() {
    let p = TestPlatform::new().await;
    let app = &p.app;
    let route = async |category: &'static str, region: Option<&'static str>| {
        app.read(async |tx| catalogue::route(tx, category, region).await).await
    };
    assert_eq!(route("roads.repair", None).await.unwrap(), "roads");
    assert_eq!(route("roads.repair", Some("77")).await.unwrap(), "roads");
    assert_eq!(route("roads.repair", Some(" НОВОСИБИРСКАЯ область ")).await.unwrap(), "roads-54");
    assert_eq!(route("housing", Some("25")).await.unwrap(), "housing-25");
    assert!(route("nothing", None).await.is_err());

    let busy = async || {
        app.db()
            .write(|tx| {
                Box::pin(async move {
                    let operator = catalogue::least_loaded_operator(tx, "taxes").await?.unwrap();
                    let login = catalogue::person_ref(tx, &operator).await?.login;
                    let number = fresh_id();
                    let id = plant(tx, "applicant", &number, "taxes").await?;
                    tx.run("UPDATE appeals SET responsible_id = $1 WHERE id = $2", args![&operator, &id])
                        .await?;
                    Ok(login)
                })
            })
            .await
            .unwrap()
    };
    assert_eq!(busy().await, "operator-taxes");
    assert_eq!(
        busy().await,
        "operator-taxes",
        "who serves every department comes last, however busy the other"
    );
    app.db()
        .write(|tx| {
            Box::pin(async move {
                let id = fresh_id();
                tx.run(
                    "INSERT INTO people (id, login, name, role, state, levels, created_at) \
                     VALUES ($1, 'operator-second', 'N', 'operator', 'active', '[]', 0)",
                    args![&id],
                )
                .await?;
                tx.run("INSERT INTO department_operators VALUES ('taxes', $1)", args![&id]).await?;
                Ok(())
            })
        })
        .await
        .unwrap();
    let next = [busy().await, busy().await, busy().await, busy().await];
    assert_eq!(
        next,
        ["operator-second", "operator-second", "operator-second", "operator-taxes"],
        "the third is a tie, decided by login"
    );
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

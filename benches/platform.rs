//! The platform asked in this process, over twenty thousand appeals: `cargo bench --bench platform`. Without `--bench`
//! every case runs once, over a few.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a bench that cannot go on should stop")]

use appeal_platform::seed::Seed;
use appeal_platform::store::Database;
use appeal_platform::{Platform, Settings};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, header};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

struct Bench {
    router: Router,
    token: String,
    operator: String,
    platform: Platform,
    dir: tempfile::TempDir,
}

impl Bench {
    async fn open() -> Bench {
        let dir = tempfile::tempdir().unwrap();
        let settings =
            Settings { data_dir: dir.path().to_owned(), local_people: true, ..Settings::default() };
        let platform = Platform::open(settings).await.unwrap();
        let token = platform.local_session("applicant").await.unwrap();
        let operator = platform.local_session("operator").await.unwrap();
        Bench { router: platform.router(), token, operator, platform, dir }
    }

    async fn ask(&self, token: &str, request: axum::http::request::Builder, body: Body) -> Value {
        let request = request
            .header(header::AUTHORIZATION, format!("Bearer {token}"))
            .header(header::CONTENT_TYPE, "application/json");
        let response = self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap();
        assert!(response.status().is_success(), "{}", response.status());
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        serde_json::from_slice(&bytes).unwrap()
    }

    async fn get(&self, token: &str, path: &str) -> Value {
        self.ask(token, Request::get(path), Body::empty()).await
    }

    async fn create(&self) -> Value {
        let body = json!({
            "subject": "Не горят фонари во дворе",
            "text": "Во дворе дома 7 по улице Полевой с 3 ноября не горят три фонаря. Прошу заменить лампы.",
            "category": "general",
        });
        let key = uuid::Uuid::new_v4().to_string();
        let request = Request::post("/v1/appeals").header("idempotency-key", key);
        self.ask(&self.token, request, Body::from(body.to_string())).await
    }

    /// Multiplies the appeals there are, an hour apart, back from now. Their rows alone: what hangs on them is not
    /// read by the millions either.
    async fn multiply(&self, rows: usize) {
        let url = format!("sqlite:{}", self.dir.path().join("appeal.db").display());
        let seed = Seed { local_people: true, now: jiff::Timestamp::now() };
        let db = Database::open(&url, false, seed.load(), None).await.unwrap();
        let copied = db.write(move |tx| {
            Box::pin(async move {
                let columns = tx.all("SELECT name FROM pragma_table_info('appeals')", Vec::new()).await?;
                let names: Vec<String> = columns.iter().map(|r| r.text("name")).collect::<Result<_, _>>()?;
                let values: Vec<String> = names
                    .iter()
                    .map(|name| match name.as_str() {
                        "id" => "printf('%s-%d', a.id, n.i)".to_owned(),
                        "number" => "printf('1999-%010d-0', n.i)".to_owned(),
                        "created_at" | "updated_at" | "due_at" => {
                            format!("a.{name} - n.i * 3600000000")
                        }
                        name => format!("a.{name}"),
                    })
                    .collect();
                let sql = format!(
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) \
                     INSERT INTO appeals ({}) SELECT {} FROM n, (SELECT * FROM appeals LIMIT 1) a",
                    names.join(", "),
                    values.join(", "),
                );
                Ok(tx.run(&sql, Vec::new()).await?)
            })
        });
        assert_eq!(copied.await.map_err(|fault| fault.to_string()), Ok(rows as u64));
        db.close().await;
    }
}

fn platform(c: &mut Criterion) {
    let rows = if std::env::args().any(|a| a == "--bench") { 20_000 } else { 100 };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let bench = runtime.block_on(async {
        let bench = Bench::open().await;
        bench.create().await;
        bench.multiply(rows).await;
        bench
    });
    let number = runtime.block_on(bench.create())["number"].as_str().unwrap().to_owned();

    c.bench_function("platform/router", |b| b.iter(|| bench.platform.router()));
    let mut group = c.benchmark_group("platform");
    group.sample_size(20);
    group.bench_function("show", |b| {
        b.iter(|| runtime.block_on(bench.get(&bench.token, &format!("/v1/appeals/{number}"))));
    });
    for (name, token, query) in [
        ("list", &bench.token, ""),
        ("list-by-subject", &bench.token, "&sort=subject"),
        ("list-overdue", &bench.token, "&overdue=true"),
        ("list-search", &bench.token, "&search=%D1%84%D0%BE%D0%BD%D0%B0%D1%80%D0%B8"),
        ("queue", &bench.operator, "&view=queue"),
    ] {
        group.bench_function(name, |b| {
            b.iter(|| runtime.block_on(bench.get(token, &format!("/v1/appeals?limit=30{query}"))));
        });
    }
    group.bench_function("create", |b| b.iter(|| runtime.block_on(bench.create())));
    group.throughput(Throughput::Elements(8));
    group.bench_function("create-8-at-once", |b| {
        b.iter(|| runtime.block_on(futures_util::future::join_all((0..8).map(|_| bench.create()))));
    });
    group.finish();
}

criterion_group!(benches, platform);
criterion_main!(benches);

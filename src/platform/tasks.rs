//! Background tasks of a server: each is watched, and started again if it ends before the server does.

use std::future::Future;
use std::time::{Duration, Instant};

use crate::app::App;

/// Pause before a task is started again; doubles each time.
const PAUSE: Duration = Duration::from_secs(1);
/// Maximum pause. A task that ran for longer starts with the first pause again.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// Runs a task until the platform stops.
pub async fn watch<F>(app: &App, task: &'static str, run: impl Fn(App) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    let stop = app.stopping();
    let mut pause = PAUSE;
    while !stop.is_cancelled() {
        let begun = Instant::now();
        let ended = tokio::spawn(run(app.clone())).await;
        if stop.is_cancelled() {
            break;
        }
        let error = ended.map_or_else(|error| error.to_string(), |()| "the task ended".to_owned());
        app.health().report(task, Err(&error));
        tracing::error!(task, error, "a background task ended and is started again");
        if begun.elapsed() > LONGEST_PAUSE {
            pause = PAUSE;
        }
        stop.run_until_cancelled(tokio::time::sleep(pause)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::health::JOBS;
    use crate::tests::harness::TestPlatform;

    #[tokio::test]
    async fn a_task_that_panics_is_reported_and_started_again() {
        let p = TestPlatform::new().await;
        let rounds = Arc::new(AtomicU32::new(0));
        let counted = rounds.clone();
        let watched = watch(&p.app, JOBS, move |app| {
            let counted = counted.clone();
            async move {
                assert!(counted.fetch_add(1, Ordering::SeqCst) > 0, "the first round");
                let (failing, reason) = app.health().failing().expect("a report");
                assert!(failing == JOBS && reason.contains("panicked"), "{failing}: {reason}");
                app.health().report(JOBS, Ok::<(), String>(()));
                app.stopping().cancel();
            }
        });
        tokio::time::timeout(Duration::from_secs(10), watched).await.unwrap();
        assert_eq!((rounds.load(Ordering::SeqCst), p.app.health().failing()), (2, None));
    }
}

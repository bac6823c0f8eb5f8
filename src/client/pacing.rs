//! How many requests are under way at once: few at first, more while the platform keeps up, half as many when it turns
//! one away (additive increase, multiplicative decrease, as in RFC 5681).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// Two refusals closer together than this are one: requests that were under way together are turned away together.
const ONE_ROUND: Duration = Duration::from_millis(200);
/// A piece of work that takes so many times as long as the quickest one shows that the platform is busy enough.
const BUSY: f64 = 3.0;

/// Lets requests through. Shared by all that send.
#[derive(Debug)]
pub struct Pacer {
    most: usize,
    state: Mutex<State>,
    changed: Notify,
}

#[derive(Debug)]
struct State {
    /// So many may be under way.
    limit: f64,
    under_way: usize,
    /// Nothing new before this: the platform asked for it.
    until: Option<Instant>,
    /// Nobody was turned away yet: every success lets one more in.
    probing: bool,
    halved: Option<Instant>,
    /// The quickest piece of work so far, by its size.
    quickest: Option<f64>,
}

impl Pacer {
    /// Starts with one at a time; never lets more than `most` through.
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self {
            most: most.max(1),
            state: Mutex::new(State {
                limit: 1.0,
                under_way: 0,
                until: None,
                probing: true,
                halved: None,
                quickest: None,
            }),
            changed: Notify::new(),
        })
    }

    /// Waits until one more may be sent.
    pub async fn enter(self: &Arc<Self>) -> Pass {
        loop {
            // Asked for before the state is looked at, so that a change in between is not missed.
            let changed = self.changed.notified();
            let until = {
                let mut state = self.state();
                let held = state.until.filter(|until| *until > Instant::now());
                if held.is_none() && state.under_way < whole(state.limit) {
                    state.until = None;
                    state.under_way += 1;
                    return Pass { pacer: self.clone(), started: Instant::now(), done: None };
                }
                held
            };
            match until {
                Some(until) => {
                    tokio::select! {
                        () = tokio::time::sleep_until(until) => {}
                        () = changed => {}
                    }
                }
                None => changed.await,
            }
        }
    }

    /// The platform turned a request away, and asked to wait this long.
    pub fn turned_away(&self, wait: Option<Duration>) {
        let now = Instant::now();
        let mut state = self.state();
        if state.halved.is_none_or(|last| now.duration_since(last) >= ONE_ROUND) {
            state.limit = (state.limit / 2.0).max(1.0);
            state.halved = Some(now);
        }
        state.probing = false;
        if let Some(until) = wait.and_then(|wait| now.checked_add(wait)) {
            state.until = Some(state.until.map_or(until, |old| old.max(until)));
        }
        drop(state);
        self.changed.notify_waiters();
    }

    /// So many may be under way now.
    pub fn limit(&self) -> usize {
        whole(self.state().limit)
    }

    fn done(&self, well: Option<(Duration, usize)>) {
        let mut state = self.state();
        state.under_way = state.under_way.saturating_sub(1);
        if let Some((took, size)) = well {
            let each = took.as_secs_f64() / size.max(1) as f64;
            let quickest = state.quickest.map_or(each, |quickest| quickest.min(each));
            state.quickest = Some(quickest);
            if each <= quickest * BUSY {
                let more = if state.probing { 1.0 } else { 1.0 / state.limit };
                state.limit = (state.limit + more).min(self.most as f64);
            }
        }
        drop(state);
        self.changed.notify_waiters();
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn whole(limit: f64) -> usize {
    // From 1 to `most`, so nothing is lost.
    limit as usize
}

/// One that was let through, until it is dropped.
#[derive(Debug)]
pub struct Pass {
    pacer: Arc<Pacer>,
    started: Instant,
    /// The size of what it did, where it went well.
    done: Option<usize>,
}

impl Pass {
    /// It was answered; it did so many pieces of work.
    pub fn went_well(mut self, size: usize) {
        self.done = Some(size);
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.pacer.done(self.done.map(|size| (self.started.elapsed(), size)));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn it_starts_low_grows_and_is_halved() {
        let pacer = Pacer::new(8);
        assert_eq!(pacer.limit(), 1);
        for _ in 0..20 {
            pacer.enter().await.went_well(1);
        }
        assert_eq!(pacer.limit(), 8);
        pacer.turned_away(None);
        pacer.turned_away(None);
        assert_eq!(pacer.limit(), 4, "refusals of one round count once");
        tokio::time::advance(Duration::from_secs(1)).await;
        pacer.turned_away(None);
        assert_eq!(pacer.limit(), 2);
        pacer.enter().await.went_well(1);
        assert_eq!(pacer.limit(), 2, "slower from then on");
        pacer.enter().await.went_well(1);
        assert_eq!(pacer.limit(), 2);
        pacer.enter().await.went_well(1);
        assert_eq!(pacer.limit(), 3);
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_enters_before_the_time_that_was_asked_for() {
        let pacer = Pacer::new(8);
        pacer.turned_away(Some(Duration::from_secs(7)));
        let before = Instant::now();
        drop(pacer.enter().await);
        assert!(before.elapsed() >= Duration::from_secs(7));
    }

    #[tokio::test(start_paused = true)]
    async fn a_platform_that_becomes_slow_is_given_no_more() {
        let pacer = Pacer::new(8);
        let first = pacer.enter().await;
        tokio::time::advance(Duration::from_millis(10)).await;
        first.went_well(1);
        assert_eq!(pacer.limit(), 2);
        let slow = pacer.enter().await;
        tokio::time::advance(Duration::from_millis(100)).await;
        slow.went_well(1);
        assert_eq!(pacer.limit(), 2);
    }

    proptest! {
        /// Whatever happens, between one and `most` may be sent, and what was let through is never more than that.
        #[test]
        fn the_limit_keeps_its_bounds(most in 1usize..20, steps in prop::collection::vec(0u8..4, 1..200)) {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap();
            runtime.block_on(async {
                let pacer = Pacer::new(most);
                let mut passes = Vec::new();
                for step in steps {
                    match step {
                        0 => {
                            let quick = tokio::time::timeout(Duration::ZERO, pacer.enter()).await;
                            let limit = pacer.limit();
                            prop_assert!(quick.is_err() || passes.len() < limit);
                            passes.extend(quick.ok());
                        }
                        1 => { if let Some(pass) = passes.pop() { let pass: Pass = pass; pass.went_well(3); } }
                        2 => { passes.pop(); }
                        _ => {
                            pacer.turned_away(None);
                            tokio::time::advance(ONE_ROUND).await;
                        }
                    }
                    prop_assert!((1..=most).contains(&pacer.limit()));
                }
                Ok(())
            })?;
        }
    }
}

//! Limits the number of concurrent requests: starts low, increases while the platform keeps up, and is halved when the
//! platform refuses a request (additive increase, multiplicative decrease, as in RFC 5681).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// Refusals within this time count as one, because they concern requests that were sent together.
const ONE_ROUND: Duration = Duration::from_millis(200);
/// A request that takes this many times as long as the fastest one shows that the platform is busy.
const BUSY: f64 = 3.0;

/// Admits requests. Shared by all senders.
#[derive(Debug)]
pub struct Pacer {
    state: Mutex<State>,
    changed: Notify,
}

impl Pacer {
    /// Starts with one request at a time and never admits more than `most`.
    pub fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { state: Mutex::new(State::new(most)), changed: Notify::new() })
    }

    /// Waits until another request may be sent.
    pub async fn enter(self: &Arc<Self>) -> Pass {
        loop {
            // Registered before the state is examined, so that a change in between is not missed.
            let changed = self.changed.notified();
            let now = Instant::now();
            let held = match self.state().admit(now) {
                Admission::Granted => return Pass { pacer: self.clone(), started: now, done: Done::Not },
                Admission::Full => None,
                Admission::HeldUntil(until) => Some(until),
            };
            match held {
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

    /// Records that the platform refused a request and asked to wait this long.
    pub fn turned_away(&self, wait: Option<Duration>) {
        self.state().turned_away(Instant::now(), wait);
        self.changed.notify_waiters();
    }

    /// Returns the current limit.
    pub fn limit(&self) -> usize {
        self.state().limit()
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Permission for one request, until it is dropped.
#[derive(Debug)]
pub struct Pass {
    pacer: Arc<Pacer>,
    started: Instant,
    done: Done,
}

/// Outcome of a request.
#[derive(Debug, Clone, Copy)]
enum Done {
    /// Failed or unknown.
    Not,
    /// Succeeded, with the given number of items.
    Well(usize),
    /// Succeeded, but its duration does not indicate the load of the platform.
    Answered,
}

impl Pass {
    /// Records a success with the given number of items.
    pub fn went_well(mut self, size: usize) {
        self.done = Done::Well(size);
    }

    /// Records a success whose duration says nothing, because it depends on the size of a file.
    pub fn answered(mut self) {
        self.done = Done::Answered;
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        match self.done {
            Done::Not => self.pacer.state().done(None),
            Done::Well(size) => self.pacer.state().done(Some((self.started.elapsed(), size))),
            Done::Answered => self.pacer.state().answered(),
        }
        self.pacer.changed.notify_waiters();
    }
}

/// Whether another request may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Admission {
    Granted,
    Full,
    HeldUntil(Instant),
}

/// State of the pacer; the current time is an argument of its methods.
#[derive(Debug)]
struct State {
    most: usize,
    /// Maximum number of concurrent requests.
    limit: f64,
    under_way: usize,
    /// No new requests before this time, as asked by the platform.
    until: Option<Instant>,
    /// No refusals yet: every success raises the limit by one.
    probing: bool,
    halved: Option<Instant>,
    /// Duration of the fastest item so far, in seconds.
    quickest: Option<f64>,
}

impl State {
    fn new(most: usize) -> State {
        State {
            most: most.max(1),
            limit: 1.0,
            under_way: 0,
            until: None,
            probing: true,
            halved: None,
            quickest: None,
        }
    }

    fn limit(&self) -> usize {
        // Lossless, because the limit is between 1 and `most`.
        self.limit as usize
    }

    fn admit(&mut self, now: Instant) -> Admission {
        if let Some(until) = self.until.filter(|until| *until > now) {
            return Admission::HeldUntil(until);
        }
        self.until = None;
        if self.under_way >= self.limit() {
            return Admission::Full;
        }
        self.under_way += 1;
        Admission::Granted
    }

    fn turned_away(&mut self, now: Instant, wait: Option<Duration>) {
        if self.halved.is_none_or(|last| now.duration_since(last) >= ONE_ROUND) {
            self.limit = (self.limit / 2.0).max(1.0);
            self.halved = Some(now);
        }
        self.probing = false;
        if let Some(until) = wait.and_then(|wait| now.checked_add(wait)) {
            self.until = Some(self.until.map_or(until, |old| old.max(until)));
        }
    }

    fn done(&mut self, well: Option<(Duration, usize)>) {
        self.under_way = self.under_way.saturating_sub(1);
        let Some((took, size)) = well else { return };
        let each = took.as_secs_f64() / size.max(1) as f64;
        let quickest = self.quickest.map_or(each, |quickest| quickest.min(each));
        self.quickest = Some(quickest);
        if each <= quickest * BUSY {
            self.grow();
        }
    }

    fn answered(&mut self) {
        self.under_way = self.under_way.saturating_sub(1);
        self.grow();
    }

    fn grow(&mut self) {
        let more = if self.probing { 1.0 } else { 1.0 / self.limit };
        self.limit = (self.limit + more).min(self.most as f64);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const QUICK: Option<(Duration, usize)> = Some((Duration::from_millis(5), 1));

    #[test]
    fn it_starts_low_grows_and_is_halved() {
        let start = Instant::now();
        let mut state = State::new(8);
        assert_eq!(state.limit(), 1);
        for _ in 0..20 {
            assert_eq!(state.admit(start), Admission::Granted);
            state.done(QUICK);
        }
        assert_eq!(state.limit(), 8);
        state.turned_away(start, None);
        state.turned_away(start, None);
        assert_eq!(state.limit(), 4, "refusals of one round count once");
        state.turned_away(start + ONE_ROUND, None);
        assert_eq!(state.limit(), 2);
        state.done(QUICK);
        state.done(QUICK);
        assert_eq!(state.limit(), 2, "slower from then on");
        state.done(QUICK);
        assert_eq!(state.limit(), 3);
    }

    #[test]
    fn nobody_enters_before_the_time_that_was_asked_for() {
        let start = Instant::now();
        let mut state = State::new(8);
        state.turned_away(start, Some(Duration::from_secs(7)));
        state.turned_away(start, Some(Duration::from_secs(2)));
        let until = start + Duration::from_secs(7);
        assert_eq!(state.admit(start + Duration::from_secs(6)), Admission::HeldUntil(until));
        assert_eq!(state.admit(until), Admission::Granted);
    }

    #[test]
    fn a_platform_that_becomes_slow_is_given_no_more() {
        let mut state = State::new(8);
        state.done(Some((Duration::from_millis(10), 1)));
        assert_eq!(state.limit(), 2);
        state.done(Some((Duration::from_millis(100), 1)));
        assert_eq!(state.limit(), 2);
        state.done(Some((Duration::from_millis(100), 10)));
        assert_eq!(state.limit(), 3, "what counts is the time for a piece");
    }

    #[tokio::test]
    async fn one_that_waits_goes_on_when_another_is_done() {
        let pacer = Pacer::new(4);
        let first = pacer.enter().await;
        let waiting = tokio::spawn({
            let pacer = pacer.clone();
            async move { pacer.enter().await.went_well(1) }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        first.went_well(1);
        waiting.await.unwrap();
        assert_eq!(pacer.limit(), 3);
    }

    proptest! {
        /// The limit always stays between one and `most`, and is never exceeded.
        #[test]
        fn the_limit_keeps_its_bounds(most in 1usize..20, steps in prop::collection::vec((0u8..5, 0u64..500), 1..200)) {
            let mut now = Instant::now();
            let mut state = State::new(most);
            let mut under_way = 0usize;
            for (step, wait) in steps {
                match step {
                    0 => {
                        let limit = state.limit();
                        if state.admit(now) == Admission::Granted {
                            prop_assert!(under_way < limit);
                            under_way += 1;
                        }
                    }
                    1 if under_way > 0 => {
                        under_way -= 1;
                        state.done(Some((Duration::from_millis(wait), 3)));
                    }
                    2 if under_way > 0 => {
                        under_way -= 1;
                        state.done(None);
                    }
                    3 if under_way > 0 => {
                        under_way -= 1;
                        state.answered();
                    }
                    _ => {
                        state.turned_away(now, Some(Duration::from_millis(wait)));
                        now += Duration::from_millis(wait);
                    }
                }
                prop_assert!((1..=most).contains(&state.limit()));
                prop_assert_eq!(state.under_way, under_way);
            }
        }
    }
}

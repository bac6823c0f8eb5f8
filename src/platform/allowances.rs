//! Request allowances: how many requests a person may make per minute. An allowance refills continuously, so a person
//! who has used it up waits for the next request rather than for the next minute. Each node counts separately.

use std::num::NonZeroU32;
use std::sync::{Arc, OnceLock};

use governor::clock::{Clock as _, DefaultClock};
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DefaultKeyedStateStore;
use governor::{Quota, RateLimiter};

use super::fault::Fault;
use appeal_api::code;

/// Seconds in which an empty allowance refills completely.
pub const WINDOW: u64 = 60;

/// The allowances of all people.
pub struct Allowances {
    limiter: RateLimiter<String, DefaultKeyedStateStore<String>, DefaultClock, StateInformationMiddleware>,
    per_minute: NonZeroU32,
}

/// The remaining allowance after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Left {
    pub per_minute: u32,
    pub requests: u32,
    /// Seconds until the allowance is full again.
    pub reset: u64,
}

/// Passes the remaining allowance from the extractor that knows the person to the middleware that writes the headers.
#[derive(Clone, Default)]
pub struct Note(Arc<OnceLock<Left>>);

impl Note {
    /// Returns the remaining allowance; `None` until the person is known.
    pub fn left(&self) -> Option<Left> {
        self.0.get().copied()
    }
}

impl Allowances {
    /// Creates allowances with this number of requests per minute and person.
    pub fn new(per_minute: NonZeroU32) -> Self {
        let limiter = RateLimiter::hashmap(Quota::per_minute(per_minute)).with_middleware();
        Self { limiter, per_minute }
    }

    /// Charges the cost of a request to a person's allowance, at most the whole allowance.
    ///
    /// # Errors
    /// 429 if the allowance is used up.
    pub fn take(&self, person: &str, cost: NonZeroU32, note: Option<&Note>) -> Result<(), Fault> {
        let checked = self.limiter.check_key_n(&person.to_owned(), cost.min(self.per_minute));
        let taken = checked.map_err(|error| Fault::Internal(error.to_string()))?;
        let requests = taken.as_ref().map_or(0, |state| state.remaining_burst_capacity());
        let per_minute = self.per_minute.get();
        let spent = u64::from(per_minute.saturating_sub(requests));
        if let Some(Note(note)) = note {
            let reset = (spent * WINDOW).div_ceil(u64::from(per_minute));
            // Already set only if a request authenticated twice, which does not happen.
            let _ = note.set(Left { per_minute, requests, reset });
        }
        taken.map(drop).map_err(|until| {
            let wait = until.wait_time_from(self.limiter.clock().now());
            // Rounded up to whole seconds, because an earlier request would be refused again.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            let refusal = Fault::refuse(429, code::RATE_LIMITED).retry_after(seconds.max(1));
            refusal.arg("limit", per_minute.to_string()).into()
        })
    }

    /// Removes entries whose allowance is full again.
    pub fn tidy(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_person_has_an_allowance_of_their_own() {
        let allowances = Allowances::new(NonZeroU32::new(3).unwrap());
        for left in [2, 1, 0] {
            let note = Note::default();
            assert!(allowances.take("maria", NonZeroU32::MIN, Some(&note)).is_ok());
            let noted = *note.0.get().unwrap();
            assert_eq!((noted.per_minute, noted.requests), (3, left));
            assert_eq!(noted.reset, 20 * u64::from(3 - left));
        }
        let note = Note::default();
        let refused = allowances.take("maria", NonZeroU32::MIN, Some(&note)).unwrap_err();
        assert_eq!(note.0.get().unwrap().requests, 0);
        let Fault::Refused(refused) = refused else { panic!("{refused}") };
        assert_eq!(refused.status, 429);
        // One of three requests per minute is available again after twenty seconds.
        assert!((1..=20).contains(&refused.retry_after.unwrap()), "{:?}", refused.retry_after);
        assert!(allowances.take("ivan", NonZeroU32::MIN, None).is_ok());
    }
}

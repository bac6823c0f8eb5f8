//! When sign-in is locked (P3): after so many wrong passwords or codes in a row nobody may try again for a while, which
//! grows each time. Pure: the time is told.
//!
//! A try is counted before it is judged, so that many at once are not more than one after another; one that turns out
//! right is given back.

use jiff::{SignedDuration, Timestamp};

/// Wrong tries in a row that lock.
pub const TRIES: u32 = 5;
/// The first lock lasts so long; each next one twice as long.
pub const FIRST: SignedDuration = SignedDuration::from_mins(15);
/// No lock lasts longer.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// After so long without a try everything is forgotten.
pub const FORGOTTEN: SignedDuration = SignedDuration::from_hours(48);

/// Where somebody's sign-in stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lockout {
    /// Tries that count since the last success or lock.
    pub failures: u32,
    /// Locks that have passed since the last success.
    pub lockouts: u32,
    /// Until when it is locked, should the last try be wrong.
    pub locked_until: Option<Timestamp>,
    /// When the last try was.
    pub last: Option<Timestamp>,
}

impl Lockout {
    /// Counts a try that is about to be made.
    ///
    /// # Errors
    /// It may not be made: sign-in is locked until then.
    pub fn admit(&mut self, now: Timestamp) -> Result<(), Timestamp> {
        if let Some(until) = self.locked_until {
            if now < until {
                return Err(until);
            }
            self.failures = 0;
            self.lockouts = self.lockouts.saturating_add(1);
            self.locked_until = None;
        }
        if self.last.is_some_and(|last| now.duration_since(last) >= FORGOTTEN) {
            (self.failures, self.lockouts) = (0, 0);
        }
        self.last = Some(now);
        self.failures += 1;
        if self.failures >= TRIES {
            let longer = 1i32 << self.lockouts.min(16);
            let lasts = FIRST.checked_mul(longer).unwrap_or(LONGEST).min(LONGEST);
            // Past the end of time there is nobody left to try.
            self.locked_until = Some(now.checked_add(lasts).unwrap_or(Timestamp::MAX));
        }
        Ok(())
    }

    /// Gives a try back that was right, where more is needed to sign in.
    pub fn give_back(&mut self) {
        self.failures = self.failures.saturating_sub(1);
        self.locked_until = None;
    }

    /// Signed in: nothing is held against anybody any more.
    pub fn clear(&mut self) {
        *self = Lockout::default();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[derive(Debug, Clone, Copy)]
    enum Step {
        /// So many seconds pass.
        Pass(i64),
        /// A try begins.
        Try,
        /// The oldest try that is under way turns out wrong.
        Wrong,
        /// The oldest try that is under way turns out right, with more to come.
        Right,
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            2 => (1i64..2_000).prop_map(Step::Pass),
            1 => (1i64..400_000).prop_map(Step::Pass),
            6 => Just(Step::Try),
            6 => Just(Step::Wrong),
            1 => Just(Step::Right),
        ];
        proptest::collection::vec(step, 1..120)
    }

    proptest! {
        /// Whatever the order, and however many are under way at once: no window of the first lock's length has more
        /// than five tries that turned out wrong.
        #[test]
        fn there_are_never_more_wrong_tries_in_a_window(steps in steps()) {
            let mut now = Timestamp::UNIX_EPOCH;
            let mut lock = Lockout::default();
            let mut open: Vec<Timestamp> = Vec::new();
            let mut wrong: Vec<Timestamp> = Vec::new();
            for step in steps {
                match step {
                    Step::Pass(seconds) => {
                        // A try is judged at once, as far as minutes go.
                        wrong.append(&mut open);
                        now = now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
                    }
                    Step::Try => match lock.admit(now) {
                        Ok(()) => open.push(now),
                        Err(until) => prop_assert!(until > now),
                    },
                    Step::Wrong => {
                        if !open.is_empty() {
                            wrong.push(open.remove(0));
                        }
                    }
                    Step::Right => {
                        if !open.is_empty() {
                            open.remove(0);
                            lock.give_back();
                        }
                    }
                }
            }
            wrong.append(&mut open);
            wrong.sort();
            for group in wrong.windows(TRIES as usize + 1) {
                let apart = group[TRIES as usize].duration_since(group[0]);
                prop_assert!(apart >= FIRST, "six wrong tries within {apart:?}");
            }
        }
    }

    #[test]
    fn locks_grow_until_somebody_signs_in() {
        let mut now: Timestamp = "2026-11-09T07:00:00Z".parse().unwrap();
        let mut lock = Lockout::default();
        let mut lengths = Vec::new();
        for _ in 0..9 {
            for _ in 0..TRIES {
                lock.admit(now).unwrap();
            }
            let until = lock.admit(now).unwrap_err();
            lengths.push(until.duration_since(now).as_mins());
            now = until;
        }
        assert_eq!(lengths, [15, 30, 60, 120, 240, 480, 960, 1440, 1440]);
        lock.admit(now).unwrap();
        lock.clear();
        for _ in 0..TRIES {
            lock.admit(now).unwrap();
        }
        assert_eq!(lock.admit(now).unwrap_err().duration_since(now), FIRST);
        now = now.checked_add(FORGOTTEN).unwrap();
        for _ in 0..TRIES {
            lock.admit(now).unwrap();
        }
        assert_eq!(lock.admit(now).unwrap_err().duration_since(now), FIRST, "old sins are forgotten");
    }

    #[test]
    fn a_right_password_is_no_failure() {
        let now = Timestamp::UNIX_EPOCH;
        let mut lock = Lockout::default();
        for _ in 0..100 {
            lock.admit(now).unwrap();
            lock.give_back();
        }
        for _ in 0..TRIES {
            lock.admit(now).unwrap();
        }
        assert!(lock.admit(now).is_err());
    }
}

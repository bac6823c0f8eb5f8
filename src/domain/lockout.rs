//! Sign-in lockout: after several wrong passwords or codes in a row, sign-in is locked for a time that doubles
//! with each lock. Pure: the current time is an argument.
//!
//! An attempt is counted before it is checked, so that concurrent attempts cannot exceed the limit; a correct attempt
//! is given back.

use jiff::{SignedDuration, Timestamp};

/// Number of consecutive wrong attempts that lock sign-in for one login from one place.
pub const TRIES: u32 = 5;
/// Duration of the first lock; doubles with each following one.
pub const FIRST: SignedDuration = SignedDuration::from_mins(15);
/// Maximum duration of a lock.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(24);
/// After this long without an attempt, the history is forgotten.
pub const FORGOTTEN: SignedDuration = SignedDuration::from_hours(48);

/// The state of one lock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lockout {
    /// Attempts counted since the last success or lock.
    pub failures: u32,
    /// Locks since the last success.
    pub lockouts: u32,
    /// End of the lock, which takes effect if the last attempt is wrong.
    pub locked_until: Option<Timestamp>,
    /// Time of the last attempt.
    pub last: Option<Timestamp>,
}

impl Lockout {
    /// Counts an attempt that is about to be made; `tries` consecutive wrong ones lock.
    ///
    /// # Errors
    /// The end of the lock, if sign-in is locked.
    pub fn admit(&mut self, now: Timestamp, tries: u32) -> Result<(), Timestamp> {
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
        if self.failures >= tries {
            let longer = 1i32 << self.lockouts.min(16);
            let lasts = FIRST.checked_mul(longer).unwrap_or(LONGEST).min(LONGEST);
            // Saturates at the end of representable time.
            self.locked_until = Some(now.checked_add(lasts).unwrap_or(Timestamp::MAX));
        }
        Ok(())
    }

    /// Gives back attempts that were not wrong.
    pub fn give_back(&mut self, attempts: u32) {
        self.failures = self.failures.saturating_sub(attempts);
        self.locked_until = None;
    }

    /// Resets the history after a successful sign-in.
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
        /// The given number of seconds pass.
        Pass(i64),
        /// An attempt begins.
        Try,
        /// The oldest unfinished attempt is wrong.
        Wrong,
        /// The oldest unfinished attempt is correct but does not complete the sign-in.
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
        /// In any order and with any number of concurrent attempts, no period as long as the first lock contains more
        /// than five wrong attempts.
        #[test]
        fn there_are_never_more_wrong_tries_in_a_window(steps in steps()) {
            let mut now = Timestamp::UNIX_EPOCH;
            let mut lock = Lockout::default();
            let mut open: Vec<Timestamp> = Vec::new();
            let mut wrong: Vec<Timestamp> = Vec::new();
            for step in steps {
                match step {
                    Step::Pass(seconds) => {
                        // At a resolution of minutes, an attempt is checked immediately.
                        wrong.append(&mut open);
                        now = now.checked_add(SignedDuration::from_secs(seconds)).unwrap();
                    }
                    Step::Try => match lock.admit(now, TRIES) {
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
                            lock.give_back(1);
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
    fn locks_grow_until_sign_in() {
        let mut now: Timestamp = "2026-11-09T07:00:00Z".parse().unwrap();
        let mut lock = Lockout::default();
        let mut lengths = Vec::new();
        for _ in 0..9 {
            for _ in 0..TRIES {
                lock.admit(now, TRIES).unwrap();
            }
            let until = lock.admit(now, TRIES).unwrap_err();
            lengths.push(until.duration_since(now).as_mins());
            now = until;
        }
        assert_eq!(lengths, [15, 30, 60, 120, 240, 480, 960, 1440, 1440]);
        lock.admit(now, TRIES).unwrap();
        lock.clear();
        for _ in 0..TRIES {
            lock.admit(now, TRIES).unwrap();
        }
        assert_eq!(lock.admit(now, TRIES).unwrap_err().duration_since(now), FIRST);
        now = now.checked_add(FORGOTTEN).unwrap();
        for _ in 0..TRIES {
            lock.admit(now, TRIES).unwrap();
        }
        assert_eq!(lock.admit(now, TRIES).unwrap_err().duration_since(now), FIRST, "old sins are forgotten");
    }

    #[test]
    fn a_correct_password_is_not_a_failure() {
        let now = Timestamp::UNIX_EPOCH;
        let mut lock = Lockout::default();
        for _ in 0..100 {
            lock.admit(now, TRIES).unwrap();
            lock.give_back(1);
        }
        for _ in 0..TRIES {
            lock.admit(now, TRIES).unwrap();
        }
        assert!(lock.admit(now, TRIES).is_err());
    }
}

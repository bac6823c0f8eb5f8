//! Delivery of messages under all circumstances: outcomes in any order, processes that die at any moment, a moving
//! clock. Every message ends as delivered, or failed for a reason; none is lost.

use std::collections::{HashMap, HashSet};

use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::json;

use super::harness::TestPlatform;
use super::slow_cases;
use crate::args;
use crate::store::outbox::{self, Claimed, NewMessage, Outcome, Wanted};
use appeal_domain::*;

#[derive(Debug, Clone)]
enum Step {
    /// A new message, worth sending for this many hours.
    Put(Option<u8>),
    /// A process claims up to this number.
    Claim(usize),
    /// One of the running attempts ends.
    End(usize, u8),
    /// The process of a running attempt dies, after the recipient got the message or before.
    Die(usize, bool),
    /// A claim is renewed.
    Renew(usize),
    /// The given number of seconds passes.
    Pass(u32),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        2 => proptest::option::weighted(0.2, 1u8..30).prop_map(Step::Put),
        4 => (1usize..5).prop_map(Step::Claim),
        4 => (any::<usize>(), 0u8..4).prop_map(|(n, how)| Step::End(n, how)),
        2 => (any::<usize>(), any::<bool>()).prop_map(|(n, had)| Step::Die(n, had)),
        1 => any::<usize>().prop_map(Step::Renew),
        3 => (1u32..40_000).prop_map(Step::Pass),
    ]
}

/// What was received outside, and the running attempts.
struct Play {
    p: TestPlatform,
    person: String,
    going: Vec<Claimed>,
    accepted: HashMap<String, usize>,
    refused: HashSet<String>,
    expiring: HashSet<String>,
    all: Vec<String>,
}

impl Play {
    async fn put(&mut self, hours: Option<u8>) {
        let (person, now) = (self.person.clone(), self.p.now());
        let expires_at = hours.map(|h| now.checked_add(SignedDuration::from_hours(h.into())).unwrap());
        let id = self
            .p
            .app
            .db()
            .write(move |tx| {
                let person = person.clone();
                Box::pin(async move {
                    let new = NewMessage {
                        person_id: &person,
                        appeal_id: None,
                        channel: MessageChannel::Sms,
                        kind: NoticeKind::Status,
                        address: Some("+79000000101"),
                        subject: "s",
                        text: "t",
                        body: json!({}),
                        at: now,
                        expires_at,
                    };
                    outbox::put(tx, &new).await
                })
            })
            .await
            .unwrap();
        if hours.is_some() {
            self.expiring.insert(id.clone());
        }
        self.all.push(id);
    }

    async fn claim(&mut self, limit: usize) -> usize {
        let now = self.p.now();
        let wanted = Wanted {
            channel: MessageChannel::Sms,
            codes: false,
            without: Vec::new(),
            limit,
            per_address: usize::MAX,
        };
        let claimed = self
            .p
            .app
            .db()
            .write(move |tx| {
                let wanted = wanted.clone();
                Box::pin(async move { outbox::claim(tx, &wanted, now).await })
            })
            .await
            .unwrap();
        for one in &claimed {
            // No attempt is made twice.
            assert!(!self.going.iter().any(|g| g.id == one.id && g.attempt == one.attempt));
        }
        let count = claimed.len();
        self.going.extend(claimed);
        count
    }

    fn take(&mut self, n: usize) -> Option<Claimed> {
        if self.going.is_empty() { None } else { Some(self.going.swap_remove(n % self.going.len())) }
    }

    async fn end(&mut self, made: Claimed, how: u8) {
        let outcome = match how {
            0 => Outcome::Delivered("200".into()),
            1 => Outcome::Later { detail: "503".into(), after: None },
            2 => Outcome::Unknown("silence".into()),
            _ => Outcome::Refused("404".into()),
        };
        match how {
            0 => *self.accepted.entry(made.id.clone()).or_default() += 1,
            3 => drop(self.refused.insert(made.id.clone())),
            _ => {}
        }
        let now = self.p.now();
        self.p
            .app
            .db()
            .write(move |tx| {
                let (made, outcome) = (made.clone(), outcome.clone());
                Box::pin(async move { outbox::record(tx, &made, &outcome, now, 0.5).await })
            })
            .await
            .unwrap();
    }

    fn pass(&self, seconds: i64) {
        self.p.advance(SignedDuration::from_secs(seconds));
    }

    async fn states(&self) -> Vec<(String, String, i64, i64)> {
        self.p
            .app
            .db()
            .read(|tx| {
                Box::pin(async move {
                    let rows = tx
                        .all(
                            "SELECT m.id, m.state, m.attempts, (SELECT count(*) FROM deliveries d \
                             WHERE d.message_id = m.id) AS noted FROM messages m",
                            args![],
                        )
                        .await?;
                    rows.iter()
                        .map(|r| Ok((r.text("id")?, r.text("state")?, r.int("attempts")?, r.int("noted")?)))
                        .collect()
                })
            })
            .await
            .unwrap()
    }
}

async fn play(steps: Vec<Step>) {
    let p = TestPlatform::new().await;
    let person = p.text("SELECT id AS t FROM people WHERE login = 'applicant'").await;
    let begun = p.now();
    let mut play = Play {
        p,
        person,
        going: Vec::new(),
        accepted: HashMap::new(),
        refused: HashSet::new(),
        expiring: HashSet::new(),
        all: Vec::new(),
    };
    for step in steps {
        match step {
            Step::Put(hours) => play.put(hours).await,
            Step::Claim(limit) => drop(play.claim(limit).await),
            Step::End(n, how) => {
                if let Some(made) = play.take(n) {
                    play.end(made, how).await;
                }
            }
            Step::Die(n, had) => {
                if let Some(made) = play.take(n)
                    && had
                {
                    *play.accepted.entry(made.id).or_default() += 1;
                }
            }
            Step::Renew(n) => {
                if !play.going.is_empty() {
                    let made = play.going[n % play.going.len()].clone();
                    let now = play.p.now();
                    play.p
                        .app
                        .db()
                        .write(move |tx| {
                            let id = made.id.clone();
                            Box::pin(async move { outbox::renew(tx, &id, made.attempt, now).await })
                        })
                        .await
                        .unwrap();
                }
            }
            Step::Pass(seconds) => play.pass(seconds.into()),
        }
    }
    // Every process dies, and one with a working gateway takes over.
    play.going.clear();
    for _ in 0..6 {
        play.pass(3700);
        while play.claim(50).await > 0 {
            while let Some(made) = play.take(0) {
                play.end(made, 0).await;
            }
        }
    }
    let short = play.p.now().duration_since(begun) < outbox::GIVE_UP;
    let states = play.states().await;
    assert_eq!(states.len(), play.all.len());
    for (id, state, attempts, noted) in states {
        let accepted = play.accepted.get(&id).copied().unwrap_or_default();
        match state.as_str() {
            "delivered" => assert!(accepted > 0, "{id}: never received"),
            "failed" => assert!(
                play.refused.contains(&id) || play.expiring.contains(&id) || !short,
                "{id}: given up without a reason"
            ),
            other => panic!("{id}: still {other}"),
        }
        assert_eq!(attempts, noted, "{id}: an attempt is not in the journal");
    }
    play.p.close().await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: slow_cases(32), max_shrink_iters: 200, ..ProptestConfig::default() })]

    #[test]
    fn every_message_is_delivered_or_fails_for_a_reason(steps in proptest::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        runtime.block_on(play(steps));
    }

    #[test]
    fn pauses_grow_and_are_bounded(attempt in 1i64..1000, jitter in 0.0f64..1.0) {
        let pause = outbox::pause(attempt, jitter);
        prop_assert!(pause >= SignedDuration::from_millis(22_500) && pause <= SignedDuration::from_mins(75));
        prop_assert!(outbox::pause(attempt + 1, jitter) >= pause);
    }
}

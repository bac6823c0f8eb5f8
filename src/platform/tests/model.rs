//! Random moves by random people, compared with a small model of the life cycle written independently of the table: the
//! platform permits exactly what the model permits, reaches the same status, and keeps an unbroken journal.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use super::harness::{self, TestPlatform};
use super::slow_cases;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Take,
    Review,
    Ask,
    SupervisorAsk,
    Reply,
    Redirect,
    Answer,
    Await,
    Refuse,
    Solved,
    NotSolved,
    Close,
    Cancel,
    Escalate,
    Return,
    Uphold,
    Change,
    Comment,
}

const STEPS: [Step; 18] = [
    Step::Take,
    Step::Review,
    Step::Ask,
    Step::SupervisorAsk,
    Step::Reply,
    Step::Redirect,
    Step::Answer,
    Step::Await,
    Step::Refuse,
    Step::Solved,
    Step::NotSolved,
    Step::Close,
    Step::Cancel,
    Step::Escalate,
    Step::Return,
    Step::Uphold,
    Step::Change,
    Step::Comment,
];

const LEVELS: [&str; 5] = ["senior", "quality", "regional", "federal", "ombudsman"];

/// The state of the model.
#[derive(Debug, Clone)]
struct Model {
    status: &'static str,
    asked_from: &'static str,
    pending: bool,
    decided: bool,
    /// Index of the lowest available level.
    level: usize,
    entries: usize,
    department: usize,
    mine: bool,
}

const DEPARTMENTS: [&str; 2] = ["housing", "roads"];

/// The expected result: done, done before, or refused with this status.
#[derive(Debug, PartialEq)]
enum Expected {
    Done,
    Same,
    Refused(&'static [u16]),
}

impl Model {
    fn step(&mut self, step: Step) -> Expected {
        use Expected::{Done, Refused, Same};
        let no = Refused(&[409]);
        let open =
            ["submitted", "redirected", "in_progress", "clarification_required"].contains(&self.status);
        let review = self.status == "under_review";
        let word = ["answered", "awaiting_confirmation"].contains(&self.status);
        let operator_acts = !self.pending;
        match step {
            Step::Comment => {}
            Step::Take if self.status == "in_progress" && self.mine => return Same,
            Step::Take if operator_acts && (["submitted", "redirected"].contains(&self.status) || review) => {
                self.status = "in_progress";
                self.mine = true;
            }
            Step::Review if review && operator_acts => return Same,
            Step::Review if operator_acts && self.status == "in_progress" => self.status = "under_review",
            Step::Ask if operator_acts && ((open && self.status != "clarification_required") || review) => {
                self.asked_from = self.status;
                self.status = "clarification_required";
            }
            Step::SupervisorAsk if self.pending && review => {
                self.asked_from = "under_review";
                self.status = "clarification_required";
            }
            Step::SupervisorAsk => return Refused(if self.pending { &[409] } else { &[403, 404] }),
            Step::Reply if self.status == "clarification_required" => self.status = self.asked_from,
            Step::Redirect if operator_acts && (open || review) => {
                self.status = "redirected";
                self.department = 1 - self.department;
                self.mine = false;
            }
            Step::Answer | Step::Await
                if operator_acts
                    && (["in_progress", "clarification_required"].contains(&self.status) || review) =>
            {
                self.status = if step == Step::Answer { "answered" } else { "awaiting_confirmation" };
                self.decided = true;
            }
            Step::Refuse if self.status == "rejected" => return Same,
            Step::Refuse if operator_acts && (open || review) => {
                self.status = "rejected";
                self.decided = true;
            }
            Step::Solved if self.status == "completed" => return Same,
            Step::Solved if word => self.status = "completed",
            Step::NotSolved if word => self.status = "in_progress",
            Step::Close if self.status == "closed" => return Same,
            Step::Close if word => self.status = "closed",
            Step::Cancel if self.status == "cancelled" => return Same,
            Step::Cancel if (open || review) && !self.decided => {
                self.status = "cancelled";
                self.pending = false;
            }
            Step::Escalate if self.pending && self.status != "cancelled" => return Same,
            Step::Escalate if self.status != "cancelled" && self.level < LEVELS.len() => {
                self.status = "under_review";
                self.pending = true;
            }
            Step::Return | Step::Uphold | Step::Change if !self.pending => return Refused(&[404, 409]),
            Step::Return if review => {
                self.decided_above();
                self.status = "in_progress";
            }
            Step::Uphold if review && self.decided => self.decided_above(),
            Step::Change if review => {
                self.decided = true;
                self.decided_above();
            }
            _ => return no,
        }
        self.entries += 1;
        Done
    }

    fn decided_above(&mut self) {
        self.status = "answered";
        self.pending = false;
        self.level += 1;
    }
}

fn request(step: Step, model: &Model) -> (&'static str, &'static str, Value) {
    let text = json!({"text": "Текст решения"});
    match step {
        Step::Take => ("operator", "take", json!({})),
        Step::Review => ("operator", "under-review", json!({})),
        Step::Ask => ("operator", "ask", json!({"text": "Что именно?"})),
        Step::SupervisorAsk => ("supervisor", "ask", json!({"text": "Что именно?"})),
        Step::Reply => ("applicant", "replies", text),
        Step::Redirect => (
            "operator",
            "redirect",
            json!({"department": DEPARTMENTS[1 - model.department], "reason": "Не наше"}),
        ),
        Step::Answer => ("operator", "answers", json!({"decision": "granted", "text": "Сделано"})),
        Step::Await => (
            "operator",
            "answers",
            json!({"decision": "granted", "text": "Сделано", "await_confirmation": true}),
        ),
        Step::Refuse => ("operator", "refuse", json!({"reason": "Нет оснований"})),
        Step::Solved => ("applicant", "confirm", json!({"solved": true})),
        Step::NotSolved => ("applicant", "confirm", json!({"solved": false, "reason": "Не решено"})),
        Step::Close => ("applicant", "close", json!({})),
        Step::Cancel => ("applicant", "cancel", json!({})),
        Step::Escalate => (
            "applicant",
            "escalations",
            json!({"level": LEVELS[model.level.min(4)], "grounds": "critical", "reason": "Срочно"}),
        ),
        Step::Return => ("supervisor", "return", text),
        Step::Uphold => ("supervisor", "uphold", text),
        Step::Change => ("supervisor", "change", text),
        Step::Comment => ("applicant", "comments", text),
    }
}

async fn walk(p: &TestPlatform, steps: &[Step]) {
    let n = p.file("applicant").await;
    let mut model = Model {
        status: "submitted",
        asked_from: "submitted",
        pending: false,
        decided: false,
        level: 0,
        entries: 1,
        department: 0,
        mine: false,
    };
    for step in steps {
        let (who, what, body) = request(*step, &model);
        let before = p.show("applicant", &n).await;
        let harness::Reply { status, body: got, .. } =
            p.post(who, &format!("/v1/appeals/{n}/{what}"), body).await;
        let was = model.clone();
        match model.step(*step) {
            Expected::Done => assert!(status < 300, "{step:?} in {was:?}: {status} {got:#}"),
            Expected::Same => {
                assert!(status < 300, "{step:?} in {was:?}: {status} {got:#}");
                assert_eq!(p.show("applicant", &n).await, before, "{step:?} in {was:?}");
            }
            Expected::Refused(with) => {
                assert!(with.contains(&status), "{step:?} in {was:?}: {status} {got:#}");
                assert_eq!(p.show("applicant", &n).await, before, "{step:?} in {was:?}");
            }
        }
        let card = p.show("applicant", &n).await;
        assert_eq!(card["status"], model.status, "after {step:?} in {was:?}");
        assert_eq!(card["department"], DEPARTMENTS[model.department]);
        let pending =
            card["escalations"].as_array().unwrap().iter().filter(|e| e["state"] == "pending").count();
        assert_eq!(pending, usize::from(model.pending), "after {step:?} in {was:?}");
        let waits = card["status"] == "clarification_required";
        assert_eq!(card["clarification"].is_object(), waits, "after {step:?} in {was:?}");
        assert_eq!(card["version"].as_u64().unwrap() as usize, model.entries, "after {step:?} in {was:?}");
        p.advance(jiff::SignedDuration::from_secs(1));
    }
    assert_eq!(p.journal("applicant", &n).await.len(), model.entries);
}

#[test]
fn random_lives_follow_the_model() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let p = runtime.block_on(TestPlatform::new());
    let steps = proptest::collection::vec(proptest::sample::select(&STEPS[..]), 1..16);
    let mut runner = TestRunner::new(ProptestConfig { cases: slow_cases(64), ..ProptestConfig::default() });
    runner
        .run(&steps, |steps| {
            runtime.block_on(walk(&p, &steps));
            Ok(())
        })
        .unwrap();
}

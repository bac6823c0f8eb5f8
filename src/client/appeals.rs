//! One method for each thing a person can do to an appeal. `key` is the idempotency key: the same key and content
//! may be sent again after any failure, and the effect happens once.

use reqwest::Method;

use super::events::ChangesPage;
use super::paths::{encode, path, with_query};
use super::retry::Call;
use super::{Change, Client, Dated, Error, Result};
use appeal_api::*;
use appeal_domain::Rules;

macro_rules! actions {
    ($($(#[$meta:meta])* $name:ident($body:ty) -> $rest:literal;)+) => {
        impl Client {
            $($(#[$meta])*
            pub fn $name(&self, number: &str, body: &$body, key: &str) -> Change<Received<Appeal>> {
                self.post(&path(number, $rest), body, key)
            })+
        }
    };
}

actions! {
    /// Sends a draft (F7).
    submit(Empty) -> "submit";
    /// Adds a comment (C1).
    comment(NewComment) -> "comments";
    /// Answers the open clarification request (C2).
    reply(TextWithFiles) -> "replies";
    /// Adds files, or a new version of one (T4).
    attach(AttachFiles) -> "attachments";
    /// Withdraws the appeal (S6).
    cancel(OptionalReason) -> "cancel";
    /// Says whether the answer solved it (S6).
    confirm(Confirm) -> "confirm";
    /// Closes an answered appeal (S6).
    close(Empty) -> "close";
    /// Files a repeat appeal (D1); gives the new one.
    repeat(Repeat) -> "repeats";
    /// Moves it to a higher level of review (D2).
    escalate(Escalate) -> "escalations";
    /// Rates the decision (D3).
    rate(Rate) -> "rating";
    /// Takes it into work (O1).
    take(Empty) -> "take";
    /// Takes it under review (O1).
    review(OptionalNote) -> "under-review";
    /// Makes somebody responsible (O1).
    assign(Assign) -> "assign";
    /// Asks for clarification (C2).
    ask(Ask) -> "ask";
    /// Hands it to another department (O1).
    redirect(Redirect) -> "redirect";
    /// Answers it (S7).
    answer(GiveAnswer) -> "answers";
    /// Refuses it (S7).
    refuse(Refuse) -> "refuse";
    /// Makes somebody a co-executor, or no more one (O1).
    involve(Involve) -> "involve";
    /// Moves the date of the decision (O1).
    extend(Extend) -> "extend";
    /// Merges it into another appeal (O1).
    merge(Merge) -> "merge";
    /// Sets the category or the priority (O1, F11).
    classify(Classify) -> "classify";
    /// Upholds the decision (O2).
    uphold(TextWithFiles) -> "uphold";
    /// Changes the decision: the text is the new official answer (O2).
    change(TextWithFiles) -> "change";
    /// Returns it to work with an instruction (O2).
    return_to_work(ReturnToWork) -> "return";
    /// Takes the review of a decision into revision, or completes the revision (D3).
    revise(Revise) -> "revision";
}

impl Client {
    /// Files an appeal, or saves a draft (F2, F7).
    pub fn create(&self, appeal: &NewAppeal, key: &str) -> Change<Received<Appeal>> {
        self.post("/v1/appeals", appeal, key)
    }

    /// Registers an appeal for a person (F12).
    pub fn register(&self, registration: &RegisterAppeal, key: &str) -> Change<Received<Appeal>> {
        self.post("/v1/registrations", registration, key)
    }

    /// The likely duplicates of an appeal, for the authority's people.
    pub async fn similar(&self, number: &str) -> Result<Received<SimilarAppeals>> {
        self.get(&path(number, "similar")).await
    }

    /// The card of an appeal (S3).
    pub async fn show(&self, number: &str, journal: bool) -> Result<Received<Appeal>> {
        self.get(&path(number, if journal { "?journal=true" } else { "" }).replace("/?", "?")).await
    }

    /// One page of a list (S4).
    pub async fn list_page(&self, query: &ListQuery) -> Result<Page<Received<Appeal>>> {
        self.get(&with_query("/v1/appeals", query)?).await
    }

    /// Edits a draft or supplements a filed appeal (F7, C4). `if_match` is the version that was read; without it the
    /// edit is not retried.
    pub fn edit(&self, number: &str, edit: &EditAppeal, if_match: Option<i64>) -> Change<Received<Appeal>> {
        let tag = if_match.map(|v| format!("\"{v}\""));
        let headers: Vec<(&str, &str)> = tag.iter().map(|t| ("if-match", t.as_str())).collect();
        let change = self.prepare(Method::PATCH, &path(number, ""), Some(edit), &headers);
        let Some(read) = if_match else { return change };
        let (number, edit) = (number.to_owned(), edit.clone());
        change.sent_by(move |client, request| {
            Box::pin(async move {
                let (outcome, lost) = client.send(&request).await;
                match outcome {
                    Err(Error::Problem(problem)) if lost && problem.status == 412 => {
                        // An answer was lost, so it may be this very edit that changed it meanwhile.
                        let card = client.show(&number, false).await?;
                        if card.version == read + 1 && is_edited(&card, &edit) {
                            Ok(card)
                        } else {
                            Err(Error::Problem(problem))
                        }
                    }
                    outcome => outcome,
                }
            })
        })
    }

    /// Deletes a draft (F7).
    pub fn discard(&self, number: &str) -> Change<Received<Discarded>> {
        let change = self.prepare(Method::DELETE, &path(number, ""), None::<&Empty>, &[]);
        let number = number.to_owned();
        change.sent_by(move |client, request| {
            Box::pin(async move {
                let before = client.before_removal(&number).await?;
                let (outcome, lost) = client.send(&request).await;
                match outcome {
                    // An answer was lost, and what was there is gone.
                    Err(error) if lost && is_not_found(&error) && before.is_some() => {
                        Ok(Discarded { number, discarded: true }.into())
                    }
                    outcome => outcome,
                }
            })
        })
    }

    /// What is there before it is removed, as far as it can be seen: tells a removal whose answer was lost from one
    /// of what never was.
    async fn before_removal(&self, number: &str) -> Result<Option<Received<Appeal>>> {
        match self.show(number, false).await {
            Ok(card) => Ok(Some(card)),
            Err(Error::Problem(problem)) => {
                tracing::debug!(code = problem.code, "not seen before its removal");
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// The journal, with what is needed to verify it (S5).
    pub async fn journal(&self, number: &str) -> Result<Received<Journal>> {
        self.get(&path(number, "journal")).await
    }

    /// Every version of what an appeal says (C4).
    pub async fn versions(&self, number: &str) -> Result<Vec<Received<AppealVersion>>> {
        self.get(&path(number, "versions")).await
    }

    /// The deadlines of an appeal, with how they were counted (N1).
    pub async fn deadlines(&self, number: &str) -> Result<Vec<Received<DeadlineDetail>>> {
        self.get(&path(number, "deadlines")).await
    }

    /// What would be due of an appeal that is not filed yet (N1).
    pub async fn forecast(&self, query: &ForecastQuery) -> Result<Vec<Received<DeadlineDetail>>> {
        self.get(&with_query("/v1/deadlines", query)?).await
    }

    /// The files of an appeal (T4).
    pub async fn attachments(&self, number: &str) -> Result<Vec<Received<Attachment>>> {
        self.get(&path(number, "attachments")).await
    }

    /// The versions of a file (T4).
    pub async fn file_history(&self, number: &str, id: &str) -> Result<Vec<Received<FileVersion>>> {
        self.get(&path(number, &format!("attachments/{}/versions", encode(id)))).await
    }

    /// Removes a file (T4).
    pub fn remove_file(&self, number: &str, id: &str) -> Change<Received<Appeal>> {
        let place = path(number, &format!("attachments/{}", encode(id)));
        let change = self.prepare(Method::DELETE, &place, None::<&Empty>, &[]);
        let (number, id) = (number.to_owned(), id.to_owned());
        change.sent_by(move |client, request| {
            Box::pin(async move {
                let before = client.before_removal(&number).await?;
                let (outcome, lost) = client.send(&request).await;
                match outcome {
                    Err(error)
                        if lost
                            && is_not_found(&error)
                            && before.is_some_and(|card| has_file(&card, &id)) =>
                    {
                        let card = client.show(&number, false).await?;
                        if has_file(&card, &id) { Err(error) } else { Ok(card) }
                    }
                    outcome => outcome,
                }
            })
        })
    }

    /// Makes an old version of a file the current one (T4).
    pub fn restore_file(&self, number: &str, id: &str, version: u32, key: &str) -> Change<Received<Appeal>> {
        let place = path(number, &format!("attachments/{}/restore", encode(id)));
        self.post(&place, &RestoreFile { version }, key)
    }

    /// The signed-in person.
    pub async fn me(&self) -> Result<Received<Me>> {
        self.get("/v1/me").await
    }

    /// The platform's limits (T1).
    pub async fn limits(&self) -> Result<Received<Limits>> {
        self.get("/v1/limits").await
    }

    /// The rules by which appeals are examined.
    pub async fn rules(&self) -> Result<Dated<Rules>> {
        self.dated_json(&Call::new(Method::GET, "/v1/rules")).await.0
    }

    /// The category tree, parents before children (F3).
    pub async fn categories(&self) -> Result<Vec<Received<Category>>> {
        self.get("/v1/categories").await
    }

    /// One category (F3).
    pub async fn category(&self, code: &str) -> Result<Received<Category>> {
        self.get(&format!("/v1/categories/{}", encode(code))).await
    }

    /// Templates (F5).
    pub async fn templates(&self) -> Result<Vec<Received<Template>>> {
        self.get("/v1/templates").await
    }

    /// One template (F5).
    pub async fn template(&self, id: &str) -> Result<Received<Template>> {
        self.get(&format!("/v1/templates/{}", encode(id))).await
    }

    /// Departments.
    pub async fn departments(&self) -> Result<Vec<Received<Department>>> {
        self.get("/v1/departments").await
    }

    /// A page of changes (N4).
    pub async fn changes(&self, query: &ChangesQuery) -> Result<ChangesPage> {
        self.get(&with_query("/v1/changes", query)?).await
    }

    /// Issues an access token (P7).
    pub fn create_token(&self, token: &NewToken, key: &str) -> Change<Received<IssuedToken>> {
        self.post("/v1/tokens", token, key)
    }
}

fn is_not_found(error: &Error) -> bool {
    matches!(error, Error::Problem(problem) if problem.status == 404)
}

fn has_file(card: &Appeal, id: &str) -> bool {
    card.attachments.iter().any(|file| file.id == id)
}

/// True where every value of the edit is the card's value.
fn is_edited(card: &Appeal, edit: &EditAppeal) -> bool {
    let content = card.content().without_blanks();
    content.clone().edited(&edit.content()) == content
}

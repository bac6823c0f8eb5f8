//! Methods for appeals. `key` is the idempotency key: a request with the same key and content can be sent again after
//! any failure and takes effect once.

use reqwest::Method;

use super::events::ChangesPage;
use super::paths::{encode, path};
use super::retry::Call;
use super::{Change, Client, Dated, Error, Fetch, Result};
use appeal_api::*;
use appeal_domain::{Region, Rules};

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
    /// Submits a draft.
    submit(Empty) -> "submit";
    /// Adds a comment.
    comment(NewComment) -> "comments";
    /// Replies to the open clarification request.
    reply(TextWithFiles) -> "replies";
    /// Adds files, or a new version of a file.
    attach(AttachFiles) -> "attachments";
    /// Cancels the appeal.
    cancel(OptionalReason) -> "cancel";
    /// Confirms that the answer solved the problem, or states that it did not.
    confirm(Confirm) -> "confirm";
    /// Closes an answered appeal.
    close(Empty) -> "close";
    /// Files a repeat appeal; returns the new one.
    repeat(Repeat) -> "repeats";
    /// Escalates the appeal to a higher level of review.
    escalate(Escalate) -> "escalations";
    /// Rates the decision.
    rate(Rate) -> "rating";
    /// Takes the appeal into work.
    take(Empty) -> "take";
    /// Takes the appeal under review.
    review(OptionalNote) -> "under-review";
    /// Assigns a responsible operator.
    assign(Assign) -> "assign";
    /// Requests clarification from the applicant.
    ask(Ask) -> "ask";
    /// Redirects the appeal to another department.
    redirect(Redirect) -> "redirect";
    /// Gives the official answer.
    answer(GiveAnswer) -> "answers";
    /// Refuses the appeal.
    refuse(Refuse) -> "refuse";
    /// Adds or removes a co-executor.
    involve(Involve) -> "involve";
    /// Extends the decision deadline.
    extend(Extend) -> "extend";
    /// Merges the appeal into another one.
    merge(Merge) -> "merge";
    /// Sets the category or the priority.
    classify(Classify) -> "classify";
    /// Upholds the decision.
    uphold(TextWithFiles) -> "uphold";
    /// Changes the decision: the text is the new official answer.
    change(TextWithFiles) -> "change";
    /// Returns the appeal to work with an instruction.
    return_to_work(ReturnToWork) -> "return";
    /// Takes a review of the decision into revision, or completes the revision.
    revise(Revise) -> "revision";
}

impl Client {
    /// Files an appeal, or saves a draft.
    pub fn create(&self, appeal: &NewAppeal, key: &str) -> Change<Received<Appeal>> {
        self.post("/v1/appeals", appeal, key)
    }

    /// Registers an appeal on an applicant's behalf.
    pub fn register(&self, registration: &RegisterAppeal, key: &str) -> Change<Received<Appeal>> {
        self.post("/v1/registrations", registration, key)
    }

    /// Returns the likely duplicates of an appeal; for the authority's staff.
    pub fn similar(&self, number: &str) -> Fetch<Received<SimilarAppeals>> {
        self.get(&path(number, "similar"))
    }

    /// Returns an appeal.
    pub fn show(&self, number: &str, journal: bool) -> Fetch<Received<Appeal>> {
        self.get(&path(number, if journal { "?journal=true" } else { "" }).replace("/?", "?"))
    }

    /// Returns one page of a list.
    pub fn list_page(&self, query: &ListQuery) -> Fetch<Page<Received<Appeal>>> {
        self.query("/v1/appeals", query)
    }

    /// Edits a draft or supplements a filed appeal. `if_match` is the version that was read; without it the edit is not
    /// retried.
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
                        // A response was lost, so the other change may be this very edit.
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

    /// Deletes a draft.
    pub fn discard(&self, number: &str) -> Change<Received<Discarded>> {
        let change = self.prepare(Method::DELETE, &path(number, ""), None::<&Empty>, &[]);
        let number = number.to_owned();
        change.sent_by(move |client, request| {
            Box::pin(async move {
                let before = client.before_removal(&number).await?;
                let (outcome, lost) = client.send(&request).await;
                match outcome {
                    // A response was lost, and the draft that existed is gone.
                    Err(error) if lost && is_not_found(&error) && before.is_some() => {
                        Ok(Discarded { number, discarded: true }.into())
                    }
                    outcome => outcome,
                }
            })
        })
    }

    /// Returns the object before its removal, if visible. Distinguishes a removal whose response was lost from the
    /// removal of something that never existed.
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

    /// Returns the journal, with the data needed to verify it.
    pub fn journal(&self, number: &str) -> Fetch<Received<Journal>> {
        self.get(&path(number, "journal"))
    }

    /// Returns every version of the content.
    pub fn versions(&self, number: &str) -> Fetch<Vec<Received<AppealVersion>>> {
        self.get(&path(number, "versions"))
    }

    /// Returns the deadlines of an appeal with their calculation.
    pub fn deadlines(&self, number: &str) -> Fetch<Vec<Received<DeadlineDetail>>> {
        self.get(&path(number, "deadlines"))
    }

    /// Returns the deadlines an appeal would have if it were filed.
    pub fn forecast(&self, query: &ForecastQuery) -> Fetch<Vec<Received<DeadlineDetail>>> {
        self.query("/v1/deadlines", query)
    }

    /// Returns the files of an appeal.
    pub fn attachments(&self, number: &str) -> Fetch<Vec<Received<Attachment>>> {
        self.get(&path(number, "attachments"))
    }

    /// Returns the versions of a file.
    pub fn file_history(&self, number: &str, id: &str) -> Fetch<Vec<Received<FileVersion>>> {
        self.get(&path(number, &format!("attachments/{}/versions", encode(id))))
    }

    /// Removes a file.
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

    /// Makes an earlier version of a file the current one.
    pub fn restore_file(&self, number: &str, id: &str, version: u32, key: &str) -> Change<Received<Appeal>> {
        let place = path(number, &format!("attachments/{}/restore", encode(id)));
        self.post(&place, &RestoreFile { version }, key)
    }

    /// Returns the signed-in person.
    pub fn me(&self) -> Fetch<Received<Me>> {
        self.get("/v1/me")
    }

    /// Returns the limits of the platform.
    pub fn limits(&self) -> Fetch<Received<Limits>> {
        self.get("/v1/limits")
    }

    /// Returns the rules for examining appeals.
    pub async fn rules(&self) -> Result<Dated<Rules>> {
        self.dated_json(&Call::new(Method::GET, "/v1/rules")).await.0
    }

    /// Returns the category tree, parents before children.
    pub fn categories(&self) -> Fetch<Vec<Received<Category>>> {
        self.get("/v1/categories")
    }

    /// Returns one category.
    pub fn category(&self, code: &str) -> Fetch<Received<Category>> {
        self.get(&format!("/v1/categories/{}", encode(code)))
    }

    /// Returns the regions.
    pub fn regions(&self) -> Fetch<Vec<Received<Region>>> {
        self.get("/v1/regions")
    }

    /// Returns the templates.
    pub fn templates(&self) -> Fetch<Vec<Received<Template>>> {
        self.get("/v1/templates")
    }

    /// Returns one template.
    pub fn template(&self, id: &str) -> Fetch<Received<Template>> {
        self.get(&format!("/v1/templates/{}", encode(id)))
    }

    /// Returns the departments.
    pub fn departments(&self) -> Fetch<Vec<Received<Department>>> {
        self.get("/v1/departments")
    }

    /// Returns a page of changes.
    pub fn changes(&self, query: &ChangesQuery) -> Fetch<ChangesPage> {
        self.query("/v1/changes", query)
    }

    /// Creates an access token.
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

/// Returns whether every value of the edit equals the value in the card.
fn is_edited(card: &Appeal, edit: &EditAppeal) -> bool {
    let content = card.content().without_blanks();
    content.clone().edited(&edit.content()) == content
}

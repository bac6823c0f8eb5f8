//! Sharing an appeal, its versions, the revision of a reviewed decision.

use reqwest::Method;

use super::Empty;
use super::appeals::{encode, path};
use super::{Client, Error, Result};
use appeal_api::*;

impl Client {
    /// Whom an appeal is shared with (C3).
    pub async fn participants(&self, number: &str) -> Result<Vec<Share>> {
        self.get(&path(number, "participants")).await
    }

    /// Shares an appeal, or changes somebody's role (C3).
    pub async fn share(&self, number: &str, with: &ShareWith, key: &str) -> Result<Appeal> {
        self.post(&path(number, "participants"), with, key).await
    }

    /// Stops sharing an appeal with somebody (C3).
    pub async fn unshare(&self, number: &str, login: &str) -> Result<Appeal> {
        let before = self.participants(number).await;
        let place = path(number, &format!("participants/{}", encode(login)));
        let (outcome, lost) = self.call_noting_loss(Method::DELETE, &place, None::<&Empty>, &[]).await;
        match outcome {
            // An answer was lost, and who took part does no more.
            Err(Error::Problem(problem))
                if lost
                    && problem.status == 404
                    && before.is_ok_and(|all| all.iter().any(|share| share.login == login)) =>
            {
                self.show(number, false).await
            }
            outcome => outcome,
        }
    }

    /// What an appeal said, version by version (C4).
    pub async fn versions(&self, number: &str) -> Result<Vec<AppealVersion>> {
        self.get(&path(number, "versions")).await
    }

    /// Takes the review of a decision into revision, or completes it (D3).
    pub async fn revise(&self, number: &str, body: &Revise, key: &str) -> Result<Appeal> {
        self.post(&path(number, "revision"), body, key).await
    }
}

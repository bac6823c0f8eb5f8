//! Sharing an appeal with other people.

use reqwest::Method;

use super::paths::{encode, path};
use super::{Change, Client, Empty, Error, Fetch};
use appeal_api::*;

impl Client {
    /// Returns the people an appeal is shared with.
    pub fn participants(&self, number: &str) -> Fetch<Vec<Received<Share>>> {
        self.get(&path(number, "participants"))
    }

    /// Shares an appeal, or changes a person's role.
    pub fn share(&self, number: &str, with: &ShareWith, key: &str) -> Change<Received<Appeal>> {
        self.post(&path(number, "participants"), with, key)
    }

    /// Stops sharing an appeal with a person.
    pub fn unshare(&self, number: &str, login: &str) -> Change<Received<Appeal>> {
        let place = path(number, &format!("participants/{}", encode(login)));
        let change = self.prepare(Method::DELETE, &place, None::<&Empty>, &[]);
        let (number, login) = (number.to_owned(), login.to_owned());
        change.sent_by(move |client, request| {
            Box::pin(async move {
                let before = client.participants(&number).await;
                let (outcome, lost) = client.send(&request).await;
                match outcome {
                    // A response was lost, and the person no longer has access.
                    Err(Error::Problem(problem))
                        if lost
                            && problem.status == 404
                            && before.is_ok_and(|all| all.iter().any(|share| share.login == login)) =>
                    {
                        client.show(&number, false).await
                    }
                    outcome => outcome,
                }
            })
        })
    }
}

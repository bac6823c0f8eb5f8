//! Changes as they happen.

use futures_util::{Stream, stream};

use super::{Client, Result};
use crate::api::{Change, ChangesQuery};

impl Client {
    /// The present cursor: changes after it are still to come.
    pub async fn present_cursor(&self) -> Result<String> {
        Ok(self.changes(&ChangesQuery::default()).await?.cursor)
    }

    /// Changes of these appeals (all visible ones for none) after the cursor (from now on for none), as they happen.
    pub fn follow(
        &self,
        numbers: Vec<String>,
        from: Option<String>,
    ) -> impl Stream<Item = Result<Change>> + Send + use<> {
        let _ = (numbers, from);
        stream::empty()
    }
}

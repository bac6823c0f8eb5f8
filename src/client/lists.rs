//! Lists as streams: the next page is asked for when it is needed.

use std::collections::VecDeque;

use futures_util::{Stream, stream};

use super::{Client, Error, Result};
use appeal_api::{Appeal, ListQuery};

/// Where a list is.
struct At {
    client: Client,
    rows: VecDeque<Appeal>,
    /// The page to ask for next; none after the last one.
    next: Option<ListQuery>,
}

impl Client {
    /// Every appeal of a list (S4), page after page; `query.limit` is the size of a page. Ends after an error.
    pub fn list(&self, query: ListQuery) -> impl Stream<Item = Result<Appeal>> + Send + use<> {
        let start = At { client: self.clone(), rows: VecDeque::new(), next: Some(query) };
        stream::try_unfold(start, |mut at| async move {
            loop {
                if let Some(row) = at.rows.pop_front() {
                    return Ok(Some((row, at)));
                }
                let Some(query) = at.next.take() else { return Ok(None) };
                let page = at.client.list_page(&query).await?;
                if page.next.is_some() && page.next == query.after {
                    return Err(Error::Protocol("the list names the same page again".to_owned()));
                }
                at.rows = page.items.into();
                at.next = page.next.map(|after| ListQuery { after: Some(after), ..query });
            }
        })
    }
}

//! Lists as streams; pages are requested as needed.

use std::collections::VecDeque;

use futures_util::future::BoxFuture;
use futures_util::{Stream, stream};
use serde_json::Value;

use super::{Client, Error, Result};
use appeal_api::{AdminEntry, Appeal, ListQuery, Notice, NoticesQuery, Page, Received};
use appeal_domain::DataKind;

/// A query with pages.
trait Paged: Clone + Send + Sync + 'static {
    type Item: Send + 'static;

    /// The cursor at which the page begins; `None` for the first page.
    fn after(&mut self) -> &mut Option<String>;

    fn page(self, client: Client) -> BoxFuture<'static, Result<Page<Self::Item>>>;
}

impl Paged for ListQuery {
    type Item = Received<Appeal>;

    fn after(&mut self) -> &mut Option<String> {
        &mut self.after
    }

    fn page(self, client: Client) -> BoxFuture<'static, Result<Page<Received<Appeal>>>> {
        Box::pin(async move { client.list_page(&self).await })
    }
}

impl Paged for NoticesQuery {
    type Item = Received<Notice>;

    fn after(&mut self) -> &mut Option<String> {
        &mut self.after
    }

    fn page(self, client: Client) -> BoxFuture<'static, Result<Page<Received<Notice>>>> {
        Box::pin(async move { client.notices(&self).await })
    }
}

/// Records of the platform's own data.
#[derive(Clone)]
struct Records {
    kind: DataKind,
    after: Option<String>,
    limit: u32,
}

impl Paged for Records {
    type Item = Value;

    fn after(&mut self) -> &mut Option<String> {
        &mut self.after
    }

    fn page(self, client: Client) -> BoxFuture<'static, Result<Page<Value>>> {
        Box::pin(async move { client.admin_page(self.kind, self.after.as_deref(), Some(self.limit)).await })
    }
}

/// Entries of the administration journal.
#[derive(Clone)]
struct Entries {
    after: Option<String>,
    limit: u32,
}

impl Paged for Entries {
    type Item = Received<AdminEntry>;

    fn after(&mut self) -> &mut Option<String> {
        &mut self.after
    }

    fn page(self, client: Client) -> BoxFuture<'static, Result<Page<Received<AdminEntry>>>> {
        Box::pin(async move { client.admin_log(self.after.as_deref(), Some(self.limit)).await })
    }
}

/// Position in a list.
struct At<Q: Paged> {
    client: Client,
    rows: VecDeque<Q::Item>,
    /// The next page to request; `None` after the last one.
    next: Option<Q>,
}

/// Streams all items of a list, page by page. Ends after an error.
fn all<Q: Paged>(client: &Client, query: Q) -> impl Stream<Item = Result<Q::Item>> + Send + use<Q> {
    let start = At { client: client.clone(), rows: VecDeque::new(), next: Some(query) };
    stream::try_unfold(start, |mut at| async move {
        loop {
            if let Some(row) = at.rows.pop_front() {
                return Ok(Some((row, at)));
            }
            let Some(mut query) = at.next.take() else { return Ok(None) };
            let page = query.clone().page(at.client.clone()).await?;
            if page.next.is_some() && page.next == *query.after() {
                return Err(Error::Protocol("the list names the same page again".to_owned()));
            }
            at.rows = page.items.into();
            at.next = page.next.map(|next| {
                *query.after() = Some(next);
                query
            });
        }
    })
}

impl Client {
    /// Streams all appeals of a list; `query.limit` is the page size. Ends after an error.
    pub fn list(&self, query: ListQuery) -> impl Stream<Item = Result<Received<Appeal>>> + Send + use<> {
        all(self, query)
    }

    /// Streams all notifications, newest first; `query.limit` is the page size. Ends after an error.
    pub fn notices_list(
        &self,
        query: NoticesQuery,
    ) -> impl Stream<Item = Result<Received<Notice>>> + Send + use<> {
        all(self, query)
    }

    /// Streams all records of a kind of the platform's own data, with the given page size. Ends after an error.
    pub fn admin_records(
        &self,
        kind: DataKind,
        page: u32,
    ) -> impl Stream<Item = Result<Value>> + Send + use<> {
        all(self, Records { kind, after: None, limit: page })
    }

    /// Streams the administration journal, newest entries first, with the given page size. Ends after an error.
    pub fn admin_entries(
        &self,
        page: u32,
    ) -> impl Stream<Item = Result<Received<AdminEntry>>> + Send + use<> {
        all(self, Entries { after: None, limit: page })
    }
}

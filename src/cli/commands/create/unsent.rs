//! An appeal that was written and not filed: how it is stored, and how it is filed later.

use serde_json::{Map, Value, json};

use super::{Sender, ask, dry_run, missing, post};
use crate::cli::base::unsent::store::{File, State, take_files};
use crate::cli::base::{Context, Failure, Outcome};
use crate::cli::message::{Parcel, Sending, typed};
use crate::cli::record::Record;
use appeal_domain::Channel;

/// How an appeal is filed later.
pub const CREATE: &Sending = &sending("create");

/// How an appeal is registered later.
pub const REGISTER: &Sending = &sending("operator register");

const fn sending(command: &'static str) -> Sending {
    Sending {
        command,
        send: |ctx, parcel| Box::pin(send(ctx, parcel)),
        ask: Some(|ctx, parcel| Box::pin(complete(ctx, parcel))),
        missing: Some(|parcel| read(parcel).map_or_else(|_| Vec::new(), |written| missing(&written.record))),
        change: Some(|parcel, flags| {
            let Written { record, sender } = read(parcel)?;
            (parcel.body, parcel.files) = stored(&record.overlaid(flags), &sender);
            Ok(())
        }),
    }
}

/// What says for whom an operator registers it.
#[derive(serde::Deserialize)]
struct Registration {
    #[serde(rename = "for")]
    applicant: String,
    channel: Channel,
}

/// An appeal with who files it.
struct Written {
    record: Record,
    sender: Sender,
}

/// Stores a record: its own members, and beside them for whom an operator registers it.
pub fn keep(ctx: &mut Context, record: &Record, sender: &Sender, state: State, typed: bool) {
    let (body, files) = stored(record, sender);
    ctx.unsent.keep(body, files, state, typed);
}

fn stored(record: &Record, sender: &Sender) -> (Map<String, Value>, Vec<File>) {
    let mut record = Record { key: None, ..record.clone() };
    if let Ok(here) = std::env::current_dir() {
        record.resolve(&here);
    }
    let Value::Object(mut body) = record.to_json() else { return Default::default() };
    let files = take_files(&mut body);
    if let Sender::Operator { applicant, channel } = sender {
        body.insert("for".to_owned(), applicant.clone().into());
        body.insert("channel".to_owned(), json!(channel));
    }
    (body, files)
}

/// Reads what was stored.
fn read(parcel: &Parcel) -> Result<Written, Failure> {
    let Parcel { number: _, key, mut body, files, .. } = parcel.clone();
    let of_registration = ["for", "channel"].map(|name| body.remove_entry(name));
    let of_registration: Map<String, Value> = of_registration.into_iter().flatten().collect();
    let sender = if of_registration.is_empty() {
        Sender::Applicant
    } else {
        let Registration { applicant, channel } = typed(of_registration)?;
        Sender::Operator { applicant, channel }
    };
    let mut record = Record::from_map(body.into_iter().collect()).map_err(|findings| {
        Failure::invalid(appeal_i18n::findings(crate::cli::base::failure::lang(), &findings))
    })?;
    for File { path, document } in files {
        match document {
            Some(code) => record.documents.push((code, path)),
            None => record.attach.push(path),
        }
    }
    record.key = Some(key);
    Ok(Written { record, sender })
}

async fn send(ctx: &mut Context, parcel: Parcel) -> Result<Outcome, Failure> {
    let Written { record, sender } = read(&parcel)?;
    let lacking = missing(&record);
    if !lacking.is_empty() {
        return Err(Failure::missing(&lacking.join(", ")));
    }
    if ctx.is_dry_run() {
        return dry_run::run(ctx, &record, &sender, &parcel.key).await.map(Outcome::from);
    }
    post(ctx, &record, &sender, &parcel.key).await
}

async fn complete(ctx: &mut Context, parcel: &mut Parcel) -> Result<bool, Failure> {
    let Written { mut record, sender } = read(parcel)?;
    // It may have been written long ago.
    for said in [&record.content.subject, &record.content.text].into_iter().flatten() {
        ctx.out.line(said);
    }
    let client = ctx.client().await?;
    let dry_run = ctx.is_dry_run();
    let goes = ask::complete(ctx, &client, &mut record, &sender, dry_run).await?;
    (parcel.body, parcel.files) = stored(&record, &sender);
    Ok(goes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::base::globals::Platform;
    use crate::cli::base::unsent::store::Entry;

    fn parcel((body, files): (Map<String, Value>, Vec<File>)) -> Parcel {
        let kept_at = jiff::Timestamp::UNIX_EPOCH;
        let (command, number, draft) = ("create".to_owned(), None, None);
        let (key, platform, state) = ("k".to_owned(), Platform::default(), State::Unsent);
        Entry { command, number, key, platform, state, body, files, draft, kept_at }.into()
    }

    #[test]
    fn a_registration_is_read_back() {
        let mut record = Record {
            attach: vec!["/a.pdf".into()],
            documents: vec![("bill".into(), "/b.pdf".into())],
            key: Some("k".into()),
            ..Record::default()
        };
        record.content.subject = Some("s".into());
        let sender = Sender::Operator { applicant: "petrov".into(), channel: Channel::Phone };
        let read = read(&parcel(stored(&record, &sender))).unwrap();
        assert_eq!((read.record, read.sender), (record, sender));
    }
}

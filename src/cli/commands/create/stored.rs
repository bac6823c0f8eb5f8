//! An appeal that was written and not filed, as it is stored.

use serde_json::{Map, Value, json};

use super::Sender;
use crate::cli::base::unsent::store::{File, State, take_files};
use crate::cli::base::{Context, Failure};
use crate::cli::record::Record;
use crate::cli::submission::{Submission, typed};
use appeal_domain::Channel;

/// What says for whom an operator registers it.
#[derive(serde::Deserialize)]
struct Registration {
    #[serde(rename = "for")]
    applicant: String,
    channel: Channel,
}

/// An appeal with who files it.
pub struct Written {
    pub record: Record,
    pub sender: Sender,
}

/// Stores a record: its own members, and the applicant for whom an operator registers it.
pub fn keep(ctx: &mut Context, record: &Record, sender: &Sender, state: State, typed: bool) {
    let (body, files) = stored(record, sender);
    ctx.unsent.keep(body, files, state, typed);
}

/// A record and its sender as stored: the body, and the files with absolute paths.
pub fn stored(record: &Record, sender: &Sender) -> (Map<String, Value>, Vec<File>) {
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

/// Reads what [`stored`] wrote.
pub fn read(submission: &Submission) -> Result<Written, Failure> {
    let Submission { number: _, key, mut body, files, .. } = submission.clone();
    let of_registration = ["for", "channel"].map(|name| body.remove_entry(name));
    let of_registration: Map<String, Value> = of_registration.into_iter().flatten().collect();
    let sender = if of_registration.is_empty() {
        Sender::Applicant
    } else {
        let Registration { applicant, channel } = typed(of_registration)?;
        Sender::Operator { applicant, channel }
    };
    let mut record = Record::from_map(body.into_iter().collect())
        .map_err(|findings| Failure::invalid_findings(&findings))?;
    for File { path, document } in files {
        match document {
            Some(code) => record.documents.push((code, path)),
            None => record.attach.push(path),
        }
    }
    record.key = Some(key);
    Ok(Written { record, sender })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::base::globals::Platform;
    use crate::cli::base::unsent::store::Entry;

    fn submission((body, files): (Map<String, Value>, Vec<File>)) -> Submission {
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
        let read = read(&submission(stored(&record, &sender))).unwrap();
        assert_eq!((read.record, read.sender), (record, sender));
    }
}

//! Deadline policies as data (N1): `default`, those that categories refer to, and those of channels (`channel.email`).

use serde_json::Value;

use super::data_set::{
    Batch, Candidate, DataSet, Field, Map, Step, as_map, check_code, fits, text, through, typed,
};
use crate::fault::Result;
use crate::service::rules;
use crate::store::admin_catalogue;
use crate::store::catalogue;
use crate::store::db::Tx;
use appeal_api::PolicyRecord;
use appeal_domain::deadline::Term;
use appeal_domain::policies::{Policies, Policy};
use appeal_domain::*;

/// Name of the policy that applies unless another one overrides it.
const DEFAULT: &str = "default";
/// Prefix of the policies of channels.
const CHANNEL: &str = "channel.";

/// The fields of a record.
const FIELDS: &[Field] = &[
    ("name", true, fits::<String>),
    ("first_status", false, fits::<Term>),
    ("registration", false, fits::<Term>),
    ("decision", false, fits::<Term>),
    ("redirection", false, fits::<Term>),
    ("clarification", false, fits::<Term>),
    ("escalation", false, fits::<Term>),
    ("confirmation", false, fits::<Term>),
];

pub struct DeadlinePolicies;

impl DataSet for DeadlinePolicies {
    fn key(&self) -> &'static str {
        "name"
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn normal(&self, map: &Map) -> std::result::Result<Map, String> {
        through::<PolicyRecord>(map)
    }

    fn all<'t>(&'t self, tx: &'t mut Tx) -> Step<'t, Vec<Map>> {
        Box::pin(all(tx))
    }

    fn expand(&self, value: &Value) -> Vec<Value> {
        expand(value)
    }

    fn check<'t>(&'t self, tx: &'t mut Tx, batch: &'t Batch<'t>, findings: &'t mut Vec<Finding>) -> Step<'t> {
        Box::pin(check(tx, batch.candidates, batch.removed, findings))
    }

    fn put<'t>(&'t self, tx: &'t mut Tx, batch: &'t Batch<'t>) -> Step<'t> {
        Box::pin(put(tx, batch.candidates, batch.removed))
    }
}

async fn present(tx: &mut Tx) -> Result<Policies> {
    Ok((*rules::of(tx).await?.policies).clone())
}

/// Returns all policies.
async fn all(tx: &mut Tx) -> Result<Vec<Map>> {
    let policies = present(tx).await?;
    let mut records = vec![PolicyRecord { name: DEFAULT.to_owned(), terms: policies.default }];
    records.extend(policies.policies.into_iter().map(|(name, terms)| PolicyRecord { name, terms }));
    records.extend(
        policies
            .channels
            .into_iter()
            .map(|(channel, terms)| PolicyRecord { name: format!("{CHANNEL}{channel}"), terms }),
    );
    records.iter().map(as_map).collect()
}

/// Returns the records of a whole document `{default, policies, channels}`; anything else is one record.
fn expand(value: &Value) -> Vec<Value> {
    let Value::Object(map) = value else { return vec![value.clone()] };
    if map.contains_key("name") || !["default", "policies", "channels"].iter().any(|k| map.contains_key(*k)) {
        return vec![value.clone()];
    }
    let named = |name: String, terms: &Value| {
        let mut record = Map::new();
        record.insert("name".to_owned(), name.into());
        match terms {
            Value::Object(terms) => record.extend(terms.clone()),
            other => drop(record.insert("terms".to_owned(), other.clone())),
        }
        Value::Object(record)
    };
    let mut records = Vec::new();
    for (key, inner) in map {
        match (key.as_str(), inner) {
            ("default", terms) => records.push(named(DEFAULT.to_owned(), terms)),
            ("policies", Value::Object(all)) => {
                records.extend(all.iter().map(|(name, terms)| named(name.clone(), terms)));
            }
            ("channels", Value::Object(all)) => {
                records.extend(all.iter().map(|(name, terms)| named(format!("{CHANNEL}{name}"), terms)));
            }
            (other, terms) => records.push(named(other.to_owned(), terms)),
        }
    }
    records
}

fn lay(policies: &mut Policies, name: &str, terms: Option<Policy>) {
    match (name.strip_prefix(CHANNEL).map(str::parse::<Channel>), terms) {
        (Some(Ok(channel)), Some(terms)) => drop(policies.channels.insert(channel, terms)),
        (Some(Ok(channel)), None) => drop(policies.channels.remove(&channel)),
        (None, Some(terms)) if name == DEFAULT => policies.default = terms,
        (None, None) if name == DEFAULT => policies.default = Policy::default(),
        (None, Some(terms)) => drop(policies.policies.insert(name.to_owned(), terms)),
        (None, None) => drop(policies.policies.remove(name)),
        (Some(Err(_)), _) => {}
    }
}

async fn laid(tx: &mut Tx, candidates: &[Candidate], removed: &[String]) -> Result<Policies> {
    let mut policies = present(tx).await?;
    for name in removed {
        lay(&mut policies, name, None);
    }
    for candidate in candidates {
        let record: PolicyRecord = typed(&candidate.after)?;
        lay(&mut policies, &record.name, Some(record.terms));
    }
    Ok(policies)
}

/// Reports unknown channels, channels without a term for the decision, and removed policies that categories refer to.
async fn check(
    tx: &mut Tx,
    candidates: &[Candidate],
    removed: &[String],
    findings: &mut Vec<Finding>,
) -> Result<()> {
    for candidate in candidates {
        let at = candidate.at.as_str();
        match candidate.key.strip_prefix(CHANNEL) {
            Some(channel) => {
                if channel.parse::<Channel>().is_err() {
                    findings.push(
                        Finding::error("admin-channel-unknown", "name")
                            .at(at)
                            .arg("given", channel)
                            .arg("known", Channel::words().join(", ")),
                    );
                }
            }
            None => check_code(at, "name", &candidate.key, false, findings),
        }
    }
    let policies = laid(tx, candidates, removed).await?;
    for channel in Channel::ALL {
        for policy in std::iter::once(None).chain(policies.policies.keys().map(|name| Some(name.as_str()))) {
            let terms = policies.terms(*channel, policy);
            if !terms.is_ok_and(|terms| terms.decision.is_some()) {
                findings.push(
                    Finding::error("admin-decision-term", "decision")
                        .at(policy.unwrap_or(DEFAULT))
                        .arg("channel", channel.as_str()),
                );
            }
        }
    }
    let categories = catalogue::categories(tx).await?;
    for name in removed {
        if name == DEFAULT || categories.iter().any(|c| c.policy.as_ref() == Some(name)) {
            findings.push(Finding::error("admin-in-use", "name").at(name.as_str()).arg("key", name));
        }
    }
    Ok(())
}

/// Stores policies.
async fn put(tx: &mut Tx, candidates: &[Candidate], removed: &[String]) -> Result<()> {
    if candidates.is_empty() && removed.is_empty() {
        return Ok(());
    }
    let policies = laid(tx, candidates, removed).await?;
    admin_catalogue::put_policies(tx, &text(&policies)?).await
}

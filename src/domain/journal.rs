//! The journal of an appeal (S5): append-only, with a hash chain that reveals tampering.
//!
//! The *digest* of an entry is SHA-256 over its canonical JSON (RFC 8785), including the salt. The *hash* of an entry
//! is SHA-256 over the text of the previous hash followed by the text of the digest, both in lower-case hex; the first
//! entry has no previous hash. A reader who may not see an entry gets only its number, digest and hash: the salt
//! prevents guessing the content, and the chain can still be verified.
//!
//! The chain does not reveal that entries were removed from its end, or that it was forged as a whole. A reader who
//! kept the last hash they saw detects both with [`verify_from`].

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// One entry of a journal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Position in the journal of the appeal, from 1 without gaps.
    pub seq: u64,
    /// When the entry was made, in microseconds; finer parts are not sealed.
    pub at: Timestamp,
    /// Who made the entry: a login, or the platform.
    pub actor: String,
    /// The action.
    pub action: String,
    /// Values before and after the change.
    pub changes: Value,
    /// Whether the entry is visible to the authority's staff only.
    #[serde(default)]
    pub internal: bool,
    /// Random salt.
    #[serde(with = "salt_hex")]
    pub salt: [u8; 16],
}

mod salt_hex {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(salt: &[u8; 16], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&hex::encode(salt))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 16], D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut salt = [0; 16];
        hex::decode_to_slice(text, &mut salt).map_err(serde::de::Error::custom)?;
        Ok(salt)
    }
}

/// The seal of an entry; both values in lower-case hex.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sealed {
    /// Digest of the entry itself.
    pub digest: String,
    /// Hash of the chain up to and including the entry.
    pub hash: String,
}

/// A link of the chain as returned to a reader.
#[derive(Debug, Clone, PartialEq)]
pub enum Link {
    /// An entry that the reader may see.
    Full {
        /// The entry.
        entry: Entry,
        /// Its seal.
        seal: Sealed,
    },
    /// An entry that the reader may not see.
    Hidden {
        /// Position in the journal.
        seq: u64,
        /// Its seal.
        seal: Sealed,
    },
}

impl Link {
    /// Returns the position in the journal.
    pub fn seq(&self) -> u64 {
        match self {
            Link::Full { entry, .. } => entry.seq,
            Link::Hidden { seq, .. } => *seq,
        }
    }

    /// Returns the seal of the entry.
    pub fn seal(&self) -> &Sealed {
        match self {
            Link::Full { seal, .. } | Link::Hidden { seal, .. } => seal,
        }
    }

    /// Returns the link for a reader who may not see the entry.
    pub fn hidden(&self) -> Self {
        Link::Hidden { seq: self.seq(), seal: self.seal().clone() }
    }
}

/// Why a chain is invalid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// An entry is missing, repeated or out of order.
    #[error("entry {expected} was expected")]
    Sequence {
        /// The expected number.
        expected: u64,
    },
    /// The entry does not match its digest.
    #[error("its content was changed")]
    Digest,
    /// The entry does not continue the previous hash.
    #[error("it does not continue the entry before it")]
    Chain,
    /// The chain does not end with the last entry recorded in the appeal.
    #[error("the journal ends elsewhere")]
    End,
}

/// Where and why a chain is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the journal is broken at entry {seq}: {why}")]
pub struct Broken {
    /// The first entry affected.
    pub seq: u64,
    /// The reason.
    pub why: Why,
}

/// Seals large integers as text, because canonical JSON has only doubles, which cannot tell large neighbouring integers
/// apart.
fn exact(value: &Value) -> Value {
    const SAFE: u64 = 1 << 53;
    match value {
        Value::Number(n) => {
            let large = n.as_i64().map(i64::unsigned_abs).or_else(|| n.as_u64()).is_some_and(|n| n > SAFE);
            if large { json!({ "integer": n.to_string() }) } else { value.clone() }
        }
        Value::Array(items) => items.iter().map(exact).collect(),
        Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), exact(value))).collect(),
        Value::Null | Value::Bool(_) | Value::String(_) => value.clone(),
    }
}

/// Returns the digest of an entry.
fn digest(entry: &Entry) -> String {
    // Truncated to microseconds, so that the text does not change when the time is stored and read back.
    let at = Timestamp::from_microsecond(entry.at.as_microsecond()).unwrap_or(entry.at);
    let sealed = json!({
        "seq": exact(&entry.seq.into()),
        "at": at.to_string(),
        "actor": entry.actor,
        "action": entry.action,
        "changes": exact(&entry.changes),
        "internal": entry.internal,
        "salt": hex::encode(entry.salt),
    });
    // A JSON value always has a canonical form: keys are strings and numbers are finite. If that ever changed, the seal
    // would fail to verify rather than pass.
    let canonical = serde_json_canonicalizer::to_vec(&sealed).unwrap_or_default();
    hex::encode(Sha256::digest(&canonical))
}

fn chained(prev: Option<&str>, digest: &str) -> String {
    let mut hasher = Sha256::new();
    hasher.update(prev.unwrap_or_default().as_bytes());
    hasher.update(digest.as_bytes());
    hex::encode(hasher.finalize())
}

/// Seals an entry after the hash of the previous one, `None` for the first entry.
pub fn seal(prev: Option<&str>, entry: &Entry) -> Sealed {
    let digest = digest(entry);
    let hash = chained(prev, &digest);
    Sealed { digest, hash }
}

/// Verifies a whole chain: numbers from 1 without gaps, the digest of every visible entry, and every hash.
///
/// # Errors
/// [`Broken`] at the first invalid entry.
pub fn verify(links: &[Link]) -> Result<(), Broken> {
    verify_from(0, None, links)
}

/// Verifies the links after entry `seen`, whose hash was `prev`. Proves that nothing seen before was rewritten.
///
/// # Errors
/// [`Broken`] at the first invalid entry.
pub fn verify_from(seen: u64, prev: Option<&str>, links: &[Link]) -> Result<(), Broken> {
    let mut prev = prev;
    for (expected, link) in (seen.saturating_add(1)..).zip(links) {
        let broken = |why| Broken { seq: link.seq(), why };
        if link.seq() != expected {
            return Err(broken(Why::Sequence { expected }));
        }
        if let Link::Full { entry, seal } = link
            && digest(entry) != seal.digest
        {
            return Err(broken(Why::Digest));
        }
        if chained(prev, &link.seal().digest) != link.seal().hash {
            return Err(broken(Why::Chain));
        }
        prev = Some(&link.seal().hash);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chain(entries: Vec<Entry>) -> Vec<Link> {
        let mut prev: Option<String> = None;
        entries
            .into_iter()
            .map(|entry| {
                let seal = seal(prev.as_deref(), &entry);
                prev = Some(seal.hash.clone());
                Link::Full { entry, seal }
            })
            .collect()
    }

    fn entry(seq: u64, text: &str) -> Entry {
        Entry {
            seq,
            at: Timestamp::from_microsecond(1_790_000_000_000_000 + seq as i64).unwrap(),
            actor: "applicant".into(),
            action: "comment".into(),
            changes: json!({ "comment": { "before": null, "after": text } }),
            internal: false,
            salt: [7; 16],
        }
    }

    fn json_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            "\\PC{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 12, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("\\PC{0,6}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    fn entries() -> impl Strategy<Value = Vec<Entry>> {
        let one = (
            0i64..4_000_000_000_000_000,
            "\\PC{0,8}",
            "[a-z]{1,8}",
            json_value(),
            any::<bool>(),
            any::<[u8; 16]>(),
        );
        prop::collection::vec(one, 1..7).prop_map(|rows| {
            (1..)
                .zip(rows)
                .map(|(seq, (at, actor, action, changes, internal, salt))| Entry {
                    seq,
                    at: Timestamp::from_microsecond(at).unwrap(),
                    actor,
                    action,
                    changes,
                    internal,
                    salt,
                })
                .collect()
        })
    }

    #[test]
    fn the_seal_is_what_the_documentation_says() {
        let e = entry(1, "текст");
        let canonical = "{\"action\":\"comment\",\"actor\":\"applicant\",\"at\":\"2026-09-21T14:13:20.000001Z\",\
             \"changes\":{\"comment\":{\"after\":\"текст\",\"before\":null}},\"internal\":false,\
             \"salt\":\"07070707070707070707070707070707\",\"seq\":1}";
        let digest = hex::encode(Sha256::digest(canonical.as_bytes()));
        let first = seal(None, &e);
        assert_eq!(first.digest, digest);
        assert_eq!(first.hash, hex::encode(Sha256::digest(digest.as_bytes())));
        let second = seal(Some(&first.hash), &e);
        assert_eq!(second.hash, hex::encode(Sha256::digest(format!("{}{digest}", first.hash).as_bytes())));
    }

    #[test]
    fn an_entry_survives_json_and_a_store_of_microseconds() {
        let mut e = entry(1, "a");
        let coarse = seal(None, &e);
        e.at += jiff::SignedDuration::from_nanos(999);
        assert_eq!(seal(None, &e), coarse);
        let back: Entry = serde_json::from_str(&serde_json::to_string(&e).unwrap()).unwrap();
        assert_eq!(back, e);
    }

    #[test]
    fn large_neighbours_are_different_numbers() {
        let mut a = entry(1, "");
        a.changes = json!(9_007_199_254_740_993_u64);
        let mut b = a.clone();
        b.changes = json!(9_007_199_254_740_992_u64 + 2);
        assert_ne!(seal(None, &a).digest, seal(None, &b).digest);
    }

    #[test]
    fn an_empty_journal_is_whole() {
        assert_eq!(verify(&[]), Ok(()));
    }

    #[test]
    fn the_break_is_named() {
        let mut links = chain((1..=3).map(|n| entry(n, "x")).collect());
        let Link::Full { entry, .. } = &mut links[1] else { panic!() };
        entry.actor = "somebody".into();
        assert_eq!(verify(&links), Err(Broken { seq: 2, why: Why::Digest }));
        let mut links = chain(vec![super::tests::entry(1, "x"), super::tests::entry(2, "y")]);
        links.remove(0);
        assert_eq!(verify(&links), Err(Broken { seq: 2, why: Why::Sequence { expected: 1 } }));
    }

    #[test]
    fn a_reader_who_kept_a_hash_notices_a_forged_chain() {
        let old = chain((1..=2).map(|n| entry(n, "old")).collect());
        let kept = old[0].seal().hash.clone();
        assert_eq!(verify_from(1, Some(&kept), &old[1..]), Ok(()));
        let forged = chain((1..=2).map(|n| entry(n, "new")).collect());
        assert_eq!(verify(&forged), Ok(()));
        assert_eq!(verify_from(1, Some(&kept), &forged[1..]), Err(Broken { seq: 2, why: Why::Chain }));
    }

    proptest! {
        /// Hiding any entries keeps the chain valid.
        #[test]
        fn a_chain_holds_whatever_is_hidden(entries in entries(), mask in any::<u8>()) {
            let links: Vec<_> = chain(entries)
                .into_iter()
                .enumerate()
                .map(|(n, link)| if mask >> n & 1 == 1 { link.hidden() } else { link })
                .collect();
            prop_assert_eq!(verify(&links), Ok(()));
        }

        /// Any change to any field of a visible entry or of any seal is detected.
        #[test]
        fn every_change_is_detected(
            entries in entries(),
            place in any::<prop::sample::Index>(),
            field in 0usize..9,
            text in "\\PC{0,8}",
            changes in json_value(),
            bit in 0usize..128,
        ) {
            let mut links = chain(entries);
            let n = place.index(links.len());
            let before = links[n].clone();
            let Link::Full { entry, seal } = &mut links[n] else { panic!() };
            match field {
                0 => entry.seq = entry.seq.wrapping_add(1 + bit as u64),
                1 => entry.at += jiff::SignedDuration::from_micros(1 + bit as i64),
                2 => entry.actor = text,
                3 => entry.action = text,
                4 => entry.changes = changes,
                5 => entry.internal = !entry.internal,
                6 => entry.salt[bit / 8] ^= 1 << (bit % 8),
                7 => seal.digest = flipped(&seal.digest, bit),
                _ => seal.hash = flipped(&seal.hash, bit),
            }
            prop_assume!(links[n] != before);
            prop_assert!(verify(&links).is_err());
        }

        /// Removing any entry but the last, or swapping any two, is detected.
        #[test]
        fn every_removal_and_swap_is_detected(
            entries in entries(),
            a in any::<prop::sample::Index>(),
            b in any::<prop::sample::Index>(),
            hide in any::<bool>(),
        ) {
            let mut links = chain(entries);
            if hide {
                links = links.iter().map(Link::hidden).collect();
            }
            prop_assume!(links.len() > 1);
            let (a, b) = (a.index(links.len()), b.index(links.len()));
            if a != b {
                let mut swapped = links.clone();
                swapped.swap(a, b);
                prop_assert!(verify(&swapped).is_err());
            }
            if a + 1 < links.len() {
                links.remove(a);
                prop_assert!(verify(&links).is_err());
            }
        }
    }

    fn flipped(hex: &str, at: usize) -> String {
        let at = at % hex.len();
        let other = if hex.as_bytes()[at] == b'0' { "1" } else { "0" };
        format!("{}{other}{}", &hex[..at], &hex[at + 1..])
    }
}

//! Full-text search in Russian and English: words are folded (case, `ё`) and stemmed before they are indexed,
//! independent of the engine.

use std::collections::BTreeSet;

use rust_stemmers::{Algorithm, Stemmer};

use super::db::{Arg, Tx};
use crate::args;
use crate::fault::Result;
use appeal_domain::similarity::folded;

/// Maximum length of an indexed term, in characters; anything longer is not a word.
const TERM_MAX: usize = 64;
/// Rows per INSERT.
const CHUNK: usize = 400;
/// A word in this many appeals is tested row by row; a rarer one is looked up.
const COMMON: i64 = 2000;

/// Returns the terms of a text: its distinct words, folded and stemmed.
pub fn terms(text: &str) -> BTreeSet<String> {
    let russian = Stemmer::create(Algorithm::Russian);
    let english = Stemmer::create(Algorithm::English);
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(|word| {
            let folded = folded(word);
            let stem = if folded.chars().any(|c| ('а'..='я').contains(&c)) {
                settled(&russian, folded)
            } else if folded.chars().all(|c| c.is_ascii_alphabetic()) {
                english.stem(&folded).into_owned()
            } else {
                folded
            };
            stem.chars().take(TERM_MAX).collect()
        })
        .collect()
}

/// Stems a word repeatedly: once is not enough if the ending of a noun looks like that of a verb (`подвал`, but
/// `подвал-ы`). A stem keeps at least three letters.
fn settled(stemmer: &Stemmer, word: String) -> String {
    let mut stem = word;
    for _ in 0..3 {
        let next = stemmer.stem(&stem);
        if *next == *stem || next.chars().count() < 3 {
            break;
        }
        stem = next.into_owned();
    }
    stem
}

/// Updates the index for the subject and text of an appeal.
pub async fn index(tx: &mut Tx, appeal_id: &str, subject: &str, text: &str, anew: bool) -> Result<()> {
    if !anew {
        tx.run("DELETE FROM search_terms WHERE appeal_id = $1", args![appeal_id]).await?;
    }
    let mut all = terms(subject);
    all.extend(terms(text));
    let all: Vec<String> = all.into_iter().collect();
    for chunk in all.chunks(CHUNK) {
        let places: Vec<String> = (0..chunk.len()).map(|n| format!("(${}, $1)", n + 2)).collect();
        let mut values = args![appeal_id];
        values.extend(chunk.iter().map(Arg::from));
        let sql = format!("INSERT INTO search_terms (term, appeal_id) VALUES {}", places.join(", "));
        tx.run(&sql, values).await?;
    }
    Ok(())
}

/// Returns conditions on `a.id` for appeals that contain every word, numbered after the existing arguments.
pub async fn conditions(tx: &mut Tx, text: &str, args: &mut Vec<Arg>) -> Result<Vec<String>> {
    let mut conditions = Vec::new();
    for term in terms(text) {
        let met = tx
            .one(
                "SELECT count(*) AS n FROM (SELECT 1 AS x FROM search_terms WHERE term = $1 LIMIT $2) t",
                args![&term, COMMON],
            )
            .await?
            .int("n")?;
        args.push(Arg::from(term));
        let place = args.len();
        conditions.push(if met < COMMON {
            format!("a.id IN (SELECT s.appeal_id FROM search_terms s WHERE s.term = ${place})")
        } else {
            format!("EXISTS (SELECT 1 FROM search_terms s WHERE s.term = ${place} AND s.appeal_id = a.id)")
        });
    }
    if conditions.is_empty() {
        // A query without words matches nothing.
        conditions.push("1 = 0".to_owned());
    }
    Ok(conditions)
}

#[cfg(test)]
mod tests {
    use super::terms;

    #[test]
    fn forms_of_a_word_meet_in_one_term() {
        for (one, other) in [
            ("протечка", "протечки"),
            ("Отопление", "отопления"),
            ("ЁЛКА", "елки"),
            ("repairs", "repair"),
            ("крыши", "КРЫША"),
            ("подвал", "подвалы"),
            ("вокзалами", "вокзал"),
            ("детского сада", "детский сад"),
            ("не работает лифт", "не работали лифты"),
        ] {
            assert_eq!(terms(one), terms(other), "{one} and {other}");
        }
        assert_ne!(terms("крыша"), terms("подвал"));
    }

    #[test]
    fn numbers_and_mixed_words_stay_as_they_are() {
        let found = terms("д.12, кв. 7-а ГОСТ30494");
        for term in ["12", "7", "гост30494"] {
            assert!(found.contains(term), "{term} in {found:?}");
        }
    }
}

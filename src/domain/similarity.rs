//! Text similarity, for suggesting likely duplicates.
//!
//! A text is treated as the set of its words, folded (case, `ё`) and without filler words ([`is_filler`]). A caller
//! with a stemmer reduces the words to stems first. The score is the mean of two measures:
//!
//! * the share of common words among all words of both texts (Jaccard), which is small if one text is much longer;
//! * the share of common words in the shorter text (overlap), which is large if one text repeats the other and adds to
//!   it.
//!
//! Two texts of the same length reach [`THRESHOLD`] when about seven of ten words are common; a short text wholly
//! contained in another reaches it when the longer one has at most five times as many words.

use std::collections::BTreeSet;

/// Minimum score at which an appeal is suggested as a likely duplicate.
pub const THRESHOLD: f64 = 0.6;

/// Russian and English words common to all appeals, folded, each as a whole word and as a stem.
pub const FILLERS: [&str; 57] = [
    "а", "без", "бы", "был", "в", "вас", "ваш", "во", "вы", "да", "для", "до", "его", "ее", "если", "же",
    "за", "и", "из", "или", "их", "к", "как", "ко", "ли", "мне", "мо", "мы", "на", "нам", "наш", "не", "но",
    "о", "об", "он", "от", "по", "при", "прос", "прош", "с", "со", "так", "то", "у", "что", "эт", "этот",
    "я", "a", "an", "and", "of", "please", "the", "to",
];

/// Returns whether a word says nothing about the subject of a text.
pub fn is_filler(word: &str) -> bool {
    FILLERS.contains(&word)
}

/// Folds a word for comparison: lower case, `е` for `ё`.
pub fn folded(word: &str) -> String {
    word.to_lowercase().chars().map(|c| if c == 'ё' { 'е' } else { c }).collect()
}

/// Returns the distinct folded words of a text. Numbers are words.
pub fn words(text: &str) -> BTreeSet<String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(folded)
        .filter(|word| !is_filler(word))
        .collect()
}

/// Returns the similarity from 0 to 1, given the number of words in each text and in common.
pub fn score(one: usize, other: usize, common: usize) -> f64 {
    let common = common.min(one).min(other);
    let all = one + other - common;
    if common == 0 {
        // Texts without words have nothing in common that would make them duplicates.
        return 0.0;
    }
    #[allow(clippy::cast_precision_loss, reason = "texts have thousands of words, not quadrillions")]
    let (jaccard, overlap) = (common as f64 / all as f64, common as f64 / one.min(other) as f64);
    f64::midpoint(jaccard, overlap)
}

/// Returns the similarity of two sets of words.
pub fn of(one: &BTreeSet<String>, other: &BTreeSet<String>) -> f64 {
    score(one.len(), other.len(), one.intersection(other).count())
}

/// Rounds a score to hundredths for display.
pub fn shown(score: f64) -> f64 {
    (score * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn between(one: &str, other: &str) -> f64 {
        of(&words(one), &words(other))
    }

    #[test]
    fn a_longer_version_is_a_duplicate_and_another_matter_is_not() {
        let short = "Нет отопления в доме 12 по улице Лесной с 3 ноября";
        let long = "С 3 ноября в доме 12 по улице Лесной нет отопления, в квартире 7 пятнадцать градусов";
        assert!(between(short, long) > THRESHOLD, "{}", between(short, long));
        let other = "Не вывозят мусор из двора на улице Садовой, контейнеры переполнены вторую неделю";
        assert!(between(long, other) < 0.2, "{}", between(long, other));
    }

    #[test]
    fn one_common_word_is_not_enough() {
        assert!(between("Отопление", "Отопление в школе выключено раньше срока, дети мёрзнут") < THRESHOLD);
        assert_eq!(between("и в на", "и в на").to_bits(), 0.0_f64.to_bits());
    }

    proptest! {
        #[test]
        fn it_is_symmetric_and_within_its_bounds(one in "[а-яё0-9 ]{0,60}", other in "[а-яё0-9 ]{0,60}") {
            let score = between(&one, &other);
            prop_assert!((0.0..=1.0).contains(&score));
            prop_assert_eq!(score.to_bits(), between(&other, &one).to_bits());
        }

        #[test]
        fn equal_texts_are_wholly_alike(text in "[а-яА-Яa-z0-9 ,.]{0,80}") {
            let expected = if words(&text).is_empty() { 0.0_f64 } else { 1.0 };
            prop_assert_eq!(between(&text, &text).to_bits(), expected.to_bits());
        }

        #[test]
        fn case_yo_and_order_do_not_matter(
            mut list in proptest::collection::vec("[а-яё]{2,8}", 1..12),
            other in proptest::collection::vec("[а-яё]{2,8}", 1..12),
        ) {
            let plain = list.join(" ");
            let against = other.join(" ");
            list.reverse();
            let changed = list.join(", ").to_uppercase().replace('Ё', "Е");
            prop_assert_eq!(between(&plain, &against).to_bits(), between(&changed, &against).to_bits());
        }

        #[test]
        fn more_in_common_is_more_alike(one in 1usize..60, other in 1usize..60, common in 0usize..60) {
            let most = one.min(other);
            let common = common.min(most);
            if common < most {
                prop_assert!(score(one, other, common) < score(one, other, common + 1));
            }
        }
    }
}

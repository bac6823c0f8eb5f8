//! Regions (F13): every usual spelling leads to the code of the region.
//!
//! A spelling is compared by its words: case, order, punctuation and kinds of blanks do not matter, and abbreviations
//! of the kind of region (`обл.`, `АО`, `респ.`) stand for the word. A name may lack its kind, as long as it has none
//! that contradicts: «Новосибирская» is the region, «Новосибирская республика» is nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, LazyLock};

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::titles::Titles;

/// A region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Region {
    /// For example `54`.
    pub code: String,
    pub title: Titles,
    /// Other names: short forms, former names, the main city.
    #[serde(default)]
    pub names: Vec<String>,
}

/// What a spelling stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<'a> {
    One(&'a Region),
    /// It fits several regions.
    Several(Vec<&'a Region>),
    Unknown,
}

/// All regions of a platform. A clone is cheap.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(from = "Vec<Region>", into = "Vec<Region>")]
pub struct Regions(Arc<Index>);

#[derive(Debug)]
struct Index {
    list: Vec<Region>,
    /// Places in the list by the words of a name, with and without the words for the kind of region.
    by_name: BTreeMap<String, BTreeSet<usize>>,
    by_bare_name: BTreeMap<String, BTreeSet<usize>>,
}

impl PartialEq for Regions {
    fn eq(&self, other: &Self) -> bool {
        self.0.list == other.0.list
    }
}

impl Eq for Regions {}

impl From<Vec<Region>> for Regions {
    fn from(list: Vec<Region>) -> Self {
        let (mut by_name, mut by_bare_name) = (BTreeMap::new(), BTreeMap::new());
        for (place, region) in list.iter().enumerate() {
            for name in [&region.title.en, &region.title.ru].into_iter().chain(&region.names) {
                let words = Words::of(name);
                for (key, index) in [(words.all(), &mut by_name), (words.bare(), &mut by_bare_name)] {
                    if !key.is_empty() {
                        index.entry(key).or_insert_with(BTreeSet::new).insert(place);
                    }
                }
            }
        }
        Self(Arc::new(Index { list, by_name, by_bare_name }))
    }
}

impl From<Regions> for Vec<Region> {
    fn from(regions: Regions) -> Self {
        regions.0.list.clone()
    }
}

impl Default for Regions {
    fn default() -> Self {
        Self::stock()
    }
}

impl Regions {
    /// The built-in list: the subjects of the Russian Federation by the codes of the Federal Tax Service.
    pub fn stock() -> Self {
        #[expect(clippy::expect_used, reason = "built-in data that a test reads")]
        static STOCK: LazyLock<Regions> = LazyLock::new(|| {
            serde_json::from_str(crate::stock::REGIONS).expect("the stock regions are tested")
        });
        STOCK.clone()
    }

    /// Returns all regions, in order.
    pub fn all(&self) -> &[Region] {
        &self.0.list
    }

    /// Returns the region that a spelling stands for. In an address («Новосибирск, Ленина 1») the parts that name a
    /// region decide.
    pub fn find(&self, text: &str) -> Found<'_> {
        let mut places: BTreeSet<usize> = BTreeSet::new();
        for (n, part) in text.split([',', ';']).enumerate() {
            places.extend(self.places(part, n == 0));
        }
        let found: Vec<&Region> = places.into_iter().filter_map(|place| self.0.list.get(place)).collect();
        match found[..] {
            [] => Found::Unknown,
            [one] => Found::One(one),
            _ => Found::Several(found),
        }
    }

    /// Returns the code that a spelling stands for, if it is the only one.
    pub fn code(&self, text: &str) -> Option<&str> {
        match self.find(text) {
            Found::One(region) => Some(&region.code),
            Found::Several(_) | Found::Unknown => None,
        }
    }

    /// Returns what is wrong with a spelling. One that fits several regions is an error; an unknown one is an error if
    /// the region decides which department answers.
    pub fn finding(&self, text: &str, decides: bool) -> Option<Finding> {
        let finding = match self.find(text) {
            Found::One(_) => return None,
            Found::Several(regions) => {
                let named = regions.iter().map(|region| format!("{} ({})", region.title.ru, region.code));
                Finding::error("region-ambiguous", "region")
                    .arg("regions", named.collect::<Vec<_>>().join(", "))
            }
            Found::Unknown if decides => Finding::error("region-unknown", "region"),
            Found::Unknown => Finding::warning("region-unknown", "region"),
        };
        Some(finding.arg("given", text.trim()))
    }

    fn places(&self, part: &str, first: bool) -> BTreeSet<usize> {
        let (code, name) = Words::of(part).split_code();
        let mut places = BTreeSet::new();
        if let Some(found) = self.0.by_name.get(&name.all()) {
            places.extend(found);
        } else if let Some(found) = self.0.by_bare_name.get(&name.bare()) {
            // A kind must fit: «Томск, обл.» names a region, «Томская республика» does not.
            let fits = |region: &Region| Words::of(&region.title.ru).kinds == name.kinds;
            let fits = |place: &&usize| name.kinds.is_empty() || self.0.list.get(**place).is_some_and(fits);
            places.extend(found.iter().filter(fits));
        }
        // Elsewhere a number is that of a house.
        if !places.is_empty() || first && name.own.is_empty() {
            places.extend(self.0.list.iter().position(|region| Some(&region.code) == code.as_ref()));
        }
        places
    }
}

/// The words of a name, sorted, apart from those for the kind of region.
#[derive(Debug, Clone, Default)]
struct Words {
    own: BTreeSet<String>,
    kinds: BTreeSet<&'static str>,
}

impl Words {
    fn of(text: &str) -> Words {
        let mut words = Words::default();
        // Abbreviations of two words lose their stops, others are one word each.
        let text = text.to_lowercase().replace('ё', "е").replace("а.о.", "ао").replace("н/д", "на дону");
        for word in text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            match kind(word) {
                Some(kinds) => words.kinds.extend(kinds),
                None => {
                    words.own.insert(word.to_owned());
                }
            }
        }
        words
    }

    fn all(&self) -> String {
        let kinds = self.kinds.iter().copied();
        self.own.iter().map(String::as_str).chain(kinds).collect::<Vec<_>>().join(" ")
    }

    fn bare(&self) -> String {
        self.own.iter().map(String::as_str).collect::<Vec<_>>().join(" ")
    }

    /// Returns the code among the words, with two digits, and the other words. A spreadsheet drops a leading zero.
    fn split_code(mut self) -> (Option<String>, Words) {
        let is_code = |word: &&String| word.len() <= 2 && word.bytes().all(|b| b.is_ascii_digit());
        let Some(code) = self.own.iter().find(is_code).cloned() else { return (None, self) };
        self.own.remove(&code);
        (Some(format!("{code:0>2}")), self)
    }
}

/// The words for the kind of region that a word stands for. A word that says nothing, such as «город», stands for none.
fn kind(word: &str) -> Option<&'static [&'static str]> {
    Some(match word {
        "область" | "обл" | "oblast" => &["oblast"],
        "край" | "кр" | "krai" | "kray" | "territory" => &["krai"],
        "республика" | "респ" | "republic" => &["republic"],
        "округ" | "окр" | "okrug" | "area" => &["okrug"],
        "автономный" | "автономная" | "авт" | "autonomous" => &["autonomous"],
        "ао" => &["autonomous", "okrug"],
        "region" | "регион" => &["region"],
        "г" | "гор" | "город" | "города" | "city" | "of" | "the" | "федерального" | "значения" => {
            &[]
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<String> {
        match Regions::stock().find(text) {
            Found::One(region) => vec![region.code.clone()],
            Found::Several(regions) => regions.iter().map(|region| region.code.clone()).collect(),
            Found::Unknown => Vec::new(),
        }
    }

    #[test]
    fn the_stock_list_has_the_89_subjects_and_the_territories_outside() {
        let regions = Regions::stock();
        let codes: BTreeSet<&str> = regions.all().iter().map(|region| region.code.as_str()).collect();
        assert_eq!((codes.len(), regions.all().len()), (90, 90));
        let missing = ["80", "81", "82", "84", "85", "88", "96", "97", "98"];
        let expected: BTreeSet<String> =
            (1..=99).map(|n| format!("{n:02}")).filter(|code| !missing.contains(&code.as_str())).collect();
        assert_eq!(codes, expected.iter().map(String::as_str).collect());
    }

    #[test]
    fn every_name_leads_to_its_region() {
        let regions = Regions::stock();
        for region in regions.all() {
            let titles = [&region.code, &region.title.en, &region.title.ru];
            for name in titles.into_iter().chain(&region.names) {
                let found = codes(name);
                assert!(found.contains(&region.code), "{name}: {found:?}");
                let shouted = codes(&name.to_uppercase().replace(' ', "  "));
                assert_eq!(shouted, found, "{name}");
            }
            for title in [&region.title.en, &region.title.ru] {
                assert_eq!(codes(title), [region.code.as_str()], "{title}");
            }
        }
    }

    #[test]
    fn only_a_few_names_are_shared() {
        let regions = Regions::stock();
        let shared: BTreeSet<&str> = regions
            .all()
            .iter()
            .flat_map(|region| &region.names)
            .map(String::as_str)
            .filter(|name| codes(name).len() > 1)
            .collect();
        assert_eq!(Vec::from_iter(shared), ["Altai", "Алтай", "Новгород", "Ростов"]);
    }

    #[test]
    fn usual_spellings_are_known() {
        for (code, spellings) in [
            (
                "54",
                &[
                    "54",
                    "НСО",
                    "Новосибирская обл.",
                    "г. Новосибирск",
                    "Новосибирск  область",
                    "Новосибирская",
                ][..],
            ),
            (
                "54",
                &[
                    " новосибирская  область ",
                    "обл. Новосибирская",
                    "Novosibirsk",
                    "54 регион",
                    "54 – Новосибирская область",
                    "Новосибирск обл.",
                ],
            ),
            (
                "54",
                &[
                    "Новосибирская область, г. Новосибирск",
                    "Россия, Новосибирская обл., Бердск",
                    "г.Новосибирск",
                ],
            ),
            ("70", &["Томск, Ленина 54", "Томск, пр. Ленина, 54"]),
            ("05", &["5", "05", "респ. Дагестан", "Дагестан респ", "Дагестан"]),
            ("14", &["Саха (Якутия)", "Республика Саха /Якутия/", "Якутия", "Респ Саха (Якутия)"]),
            ("15", &["РСО – Алания", "Северная Осетия-Алания", "Респ. Северная Осетия - Алания"]),
            ("22", &["Алтай край", "Алтайский край", "Алтайский кр.", "край Алтайский", "Altai Krai"]),
            ("04", &["Республика Алтай", "Алтай Респ.", "Горный Алтай"]),
            ("57", &["Орел", "г. Орёл", "Орловская обл"]),
            ("61", &["Ростов-на-Дону", "Ростов н/Д", "Ростовская обл."]),
            ("77", &["Москва", "г. Москва", "МОСКВА", "город Москва", "Moscow", "Мск"]),
            ("78", &["СПб", "С-Петербург", "г. Санкт-Петербург", "Санкт Петербург", "St. Petersburg"]),
            ("50", &["Московская обл.", "МО", "Подмосковье", "Moscow Region"]),
            ("79", &["ЕАО", "Еврейская АО", "Еврейская авт. область"]),
            ("86", &["ХМАО", "ХМАО-Югра", "Ханты-Мансийский АО", "Ханты-Мансийский а.о. - Югра", "Югра"]),
            ("89", &["ЯНАО", "Ямало-Ненецкий авт. окр."]),
            ("83", &["НАО", "Ненецкий АО"]),
            ("42", &["Кемеровская область - Кузбасс", "Кемеровская обл.", "Кузбасс"]),
            ("99", &["Байконур", "за рубежом"]),
        ] {
            for spelling in spellings {
                assert_eq!(codes(spelling), [code], "{spelling}");
            }
        }
    }

    #[test]
    fn a_spelling_may_fit_two_regions() {
        for (spelling, expected) in [
            ("Алтай", ["04", "22"]),
            ("Ростов", ["61", "76"]),
            ("г. Новгород", ["52", "53"]),
            ("54, Томск", ["54", "70"]),
            ("70 Новосибирская область", ["54", "70"]),
        ] {
            assert_eq!(codes(spelling), expected, "{spelling}");
        }
    }

    #[test]
    fn what_is_no_region_is_unknown() {
        for spelling in [
            "",
            " ",
            "Атлантида",
            "абракадабра",
            "Новосибирская республика",
            "область",
            "г.",
            "96",
            "540",
            "Москва область",
        ] {
            assert_eq!(codes(spelling), Vec::<String>::new(), "{spelling}");
        }
    }

    #[test]
    fn an_unknown_region_is_an_error_where_it_decides() {
        let regions = Regions::stock();
        let severity = |text: &str, decides| regions.finding(text, decides).map(|finding| finding.is_error());
        assert_eq!(severity("Атлантида", true), Some(true));
        assert_eq!(severity("Атлантида", false), Some(false));
        assert_eq!(severity("Алтай", false), Some(true));
        assert_eq!(severity("НСО", true), None);
    }

    #[test]
    fn a_list_comes_back() {
        let regions = Regions::stock();
        let back: Regions = serde_json::from_value(serde_json::to_value(&regions).unwrap()).unwrap();
        assert_eq!(back, regions);
        assert_eq!(back.code("НСО"), Some("54"));
    }
}

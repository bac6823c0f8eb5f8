//! The languages of the interface.

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub enum Lang {
    #[default]
    En,
    Ru,
}

impl Lang {
    /// Returns the subtag of the language (BCP 47).
    pub const fn as_str(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Ru => "ru",
        }
    }

    /// Reads a locale (`ru_RU.UTF-8`) or the first range of an `Accept-Language` header. Anything but Russian is English.
    pub fn of(tag: &str) -> Lang {
        let first = tag.split([',', ';']).next().unwrap_or("").trim().to_ascii_lowercase();
        if first == "ru" || first.starts_with("ru-") || first.starts_with("ru_") {
            Lang::Ru
        } else {
            Lang::En
        }
    }

    /// Returns the text in this language.
    pub fn pick(self, titles: &appeal_api::Titles) -> &str {
        match self {
            Lang::En => &titles.en,
            Lang::Ru => &titles.ru,
        }
    }
}

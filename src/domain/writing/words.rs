//! The words of the writing rules: what is vague, informal, shouted, abbreviated; what names a fact or a wish.

/// A word of a text: letters and digits, with inner hyphens and apostrophes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Word<'a> {
    pub at: usize,
    pub text: &'a str,
}

impl Word<'_> {
    fn end(&self) -> usize {
        self.at + self.text.len()
    }

    fn letters(&self) -> usize {
        self.text.chars().filter(|c| c.is_alphabetic()).count()
    }

    /// Letters, all of them capitals.
    fn is_capitals(&self) -> bool {
        self.letters() >= 2 && self.text.chars().all(|c| !c.is_alphabetic() || c.is_uppercase())
    }
}

/// Small letters; `ё` is read as `е`, all apostrophes are one.
fn fold(word: &str) -> String {
    word.to_lowercase().replace('ё', "е").replace('’', "'")
}

pub(super) fn split(text: &str) -> Vec<Word<'_>> {
    let inner = |c: char| c.is_alphanumeric() || matches!(c, '-' | '\'' | '’' | '\u{301}');
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, inner(c)) {
            (None, true) if c.is_alphanumeric() => start = Some(at),
            (Some(from), false) => {
                words.push(Word { at: from, text: text[from..at].trim_end_matches(['-', '\'', '’']) });
                start = None;
            }
            _ => {}
        }
    }
    words
}

/// Subjects that say nothing by themselves are made of these words only.
const VAGUE: &[&str] = &[
    "не",
    "работает",
    "работают",
    "нужна",
    "нужно",
    "помощь",
    "помогите",
    "помочь",
    "проблема",
    "проблемы",
    "жалоба",
    "обращение",
    "вопрос",
    "вопросы",
    "срочно",
    "ошибка",
    "прошу",
    "разобраться",
    "разберитесь",
    "заявление",
    "просьба",
    "беспредел",
    "безобразие",
    "сделайте",
    "что-нибудь",
    "что-то",
    "ничего",
    "получается",
    "сломалось",
    "сломался",
    "плохо",
    "ужас",
    "тема",
    "без",
    "темы",
    "важно",
    "внимание",
    "здравствуйте",
    "добрый",
    "день",
    "очень",
    "у",
    "меня",
    "нас",
    "все",
    "всё",
    "опять",
    "снова",
    "это",
    "пожалуйста",
    "вас",
    "мне",
    "нам",
    "есть",
    "с",
    "в",
    "на",
    "и",
    "help",
    "me",
    "us",
    "please",
    "problem",
    "problems",
    "issue",
    "issues",
    "complaint",
    "question",
    "urgent",
    "does",
    "doesn't",
    "not",
    "work",
    "works",
    "working",
    "error",
    "appeal",
    "request",
    "it",
    "is",
    "isn't",
    "broken",
    "bad",
    "hello",
    "hi",
    "i",
    "need",
    "a",
    "an",
    "the",
    "very",
    "important",
    "subject",
    "no",
    "my",
    "have",
    "nothing",
];

pub(super) fn is_vague(subject: &str) -> bool {
    split(subject).iter().all(|word| VAGUE.contains(&fold(word.text).as_str()))
}

/// Beginnings of words that place a case in time or space.
const FACT_STEMS: &[&str] = &[
    "январ",
    "феврал",
    "апрел",
    "июн",
    "июл",
    "август",
    "сентябр",
    "октябр",
    "ноябр",
    "декабр",
    "понедельник",
    "вторник",
    "четверг",
    "пятниц",
    "суббот",
    "воскресень",
    "вчера",
    "сегодня",
    "позавчера",
    "недел",
    "месяц",
    "утром",
    "вечером",
    "ночью",
    "янв",
    "улиц",
    "january",
    "february",
    "april",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "yesterday",
    "today",
    "week",
    "month",
    "morning",
    "evening",
    "tonight",
    "street",
    "avenue",
];
/// Words that do so whole.
const FACT_WORDS: &[&str] = &[
    "марта",
    "марте",
    "март",
    "мая",
    "мае",
    "май",
    "среду",
    "среды",
    "год",
    "года",
    "лет",
    "часа",
    "часов",
    "ago",
    "march",
    "may",
];

/// Something concrete: a number, a date, a name.
pub(super) fn has_fact(text: &str) -> bool {
    if text.chars().any(|c| c.is_numeric() || matches!(c, '«' | '"' | '“')) {
        return true;
    }
    let words = split(text);
    words.iter().any(|word| {
        let folded = fold(word.text);
        FACT_WORDS.contains(&folded.as_str())
            || FACT_STEMS.iter().any(|stem| folded.starts_with(stem))
            || is_name(text, word)
    })
}

/// A capitalised word inside a sentence: somebody's or some place's name.
fn is_name(text: &str, word: &Word<'_>) -> bool {
    let mut letters = word.text.chars();
    let capitalised = letters.next().is_some_and(char::is_uppercase)
        && word.letters() > 2
        && letters.all(|c| !c.is_alphabetic() || c.is_lowercase());
    let polite = ["Вы", "Вас", "Вам", "Вами", "Ваш"].iter().any(|p| word.text.starts_with(p));
    let inside = text[..word.at]
        .trim_end_matches([' ', '\u{a0}'])
        .ends_with(|c: char| c.is_alphanumeric() || c == ',' || c == '.' && follows_short(text, word.at));
    capitalised && inside && !polite
}

/// After `ул.`, `г.`, `д.`: the dot does not end the sentence.
fn follows_short(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches([' ', '\u{a0}', '.']);
    let last = before.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    ["ул", "г", "д", "пр", "пер", "пос", "обл", "st", "ave"].contains(&fold(last).as_str())
}

/// Beginnings of words that say what the applicant wants.
const WISH_STEMS: &[&str] = &[
    "прошу",
    "просим",
    "просьб",
    "требу",
    "хочу",
    "хотим",
    "хотел",
    "хотя бы",
    "необходимо",
    "нужно",
    "должн",
    "обязан",
    "предлага",
    "ожида",
    "жду",
    "ждем",
    "надею",
    "верни",
    "примите",
    "почини",
    "устран",
    "исправь",
    "помогите",
    "разбер",
    "провер",
    "сделайте",
    "отремонтир",
    "восстанов",
    "пересчита",
    "перерасч",
    "выпла",
    "компенс",
    "сообщите",
    "объясните",
    "дайте",
    "please",
    "ask",
    "request",
    "expect",
    "would like",
    "want",
    "demand",
    "need",
    "should",
    "must",
    "fix",
    "repair",
    "refund",
    "restore",
    "explain",
    "hope",
];

/// It says what is expected.
pub(super) fn has_wish(text: &str) -> bool {
    split(text).iter().any(|word| {
        let folded = fold(word.text);
        WISH_STEMS.iter().any(|stem| folded.starts_with(stem))
    })
}

/// Words that do not belong in a letter to an authority.
const INFORMAL: &[&str] = &[
    "блин",
    "капец",
    "пипец",
    "фигня",
    "хрень",
    "хрен",
    "фигово",
    "че",
    "чо",
    "щас",
    "ваще",
    "кароч",
    "плиз",
    "пжлст",
    "пж",
    "спс",
    "норм",
    "нафиг",
    "пофиг",
    "похрен",
    "нахрен",
    "чувак",
    "козлы",
    "козел",
    "урод",
    "уроды",
    "сволочи",
    "сволочь",
    "твари",
    "тупые",
    "тупой",
    "дебил",
    "дебилы",
    "идиот",
    "идиоты",
    "придурки",
    "придурок",
    "отстой",
    "офигели",
    "офигеть",
    "охренели",
    "охренеть",
    "обнаглели",
    "задолбали",
    "задолбало",
    "достали",
    "хапуги",
    "ржака",
    "gonna",
    "wanna",
    "gotta",
    "ain't",
    "crap",
    "crappy",
    "wtf",
    "lol",
    "omg",
    "plz",
    "pls",
    "thx",
    "dude",
    "sucks",
    "idiot",
    "idiots",
    "stupid",
    "bullshit",
    "damn",
    "screw",
    "morons",
    "moron",
    "yo",
    "kinda",
];

pub(super) fn is_informal(word: &str) -> bool {
    INFORMAL.contains(&fold(word).as_str())
}

/// Faces made of signs: `:)`, `;-(`, and brackets that close nothing.
pub(super) fn smileys(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for face in [":)", ":-)", ";)", ";-)", ":(", ":-(", ":D", ":-D", ":'("] {
        found.extend(
            text.match_indices(face)
                .filter(|(at, face)| stands_alone(text, *at, face))
                .map(|(at, f)| (at, f.to_owned())),
        );
    }
    let mut open = 0usize;
    let mut run: Option<(usize, usize)> = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if c == ')' && open == 0 {
            run = Some(run.map_or((at, 1), |(start, n)| (start, n + 1)));
            continue;
        }
        match c {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if let Some((start, n)) = run.take()
            && n >= 2
        {
            found.push((start, ")".repeat(n)));
        }
    }
    found
}

/// Not a part of a list (`2:)`), of a time or of a word (`NB:Dear`).
fn stands_alone(text: &str, at: usize, face: &str) -> bool {
    let opens_list = text[..at].ends_with(|c: char| c.is_ascii_digit());
    let goes_on = text[at + face.len()..].starts_with(char::is_alphanumeric);
    !opens_list && !goes_on
}

/// Offsets of emoji. Signs that were typography before they were emoji (`☎`, `✓`, `©`) count only where they are
/// asked to be drawn as emoji.
pub(super) fn emoji(text: &str) -> Vec<usize> {
    let mut found = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut joined = false;
    while let Some((at, c)) = chars.next() {
        let coloured = matches!(c, '\u{1f1e6}'..='\u{1f1ff}' | '\u{1f300}'..='\u{1faff}' | '\u{263a}' | '\u{2639}'
            | '\u{2764}' | '\u{2b50}' | '\u{2b55}' | '\u{26a1}' | '\u{26bd}' | '\u{26d4}' | '\u{2705}' | '\u{270a}'
            | '\u{270b}' | '\u{2728}' | '\u{274c}' | '\u{274e}' | '\u{2753}'..='\u{2755}' | '\u{2757}' | '\u{231a}' | '\u{231b}'
            | '\u{23e9}'..='\u{23ec}' | '\u{23f0}' | '\u{23f3}');
        let asked = chars.peek().is_some_and(|(_, next)| *next == '\u{fe0f}')
            && !c.is_ascii()
            && !c.is_alphanumeric();
        let skin = matches!(c, '\u{1f3fb}'..='\u{1f3ff}');
        if (coloured || asked) && !joined && !skin {
            found.push(at);
        }
        // A family is one picture.
        joined = c == '\u{200d}';
    }
    found
}

/// What is shouted: words in capitals one after another, one with an exclamation mark, three exclamation marks.
/// Names of organizations in quotes and full names of people are written so in documents and are left alone.
pub(super) fn shouted(text: &str, words: &[Word<'_>]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut n = 0;
    while n < words.len() {
        let run =
            words[n..].iter().take_while(|word| word.is_capitals() || word.text.chars().count() == 1).count();
        if run == 0 {
            n += 1;
            continue;
        }
        let words = &words[n..n + run];
        n += run;
        let long: Vec<&Word<'_>> =
            words.iter().filter(|w| w.letters() >= 4 && !is_known(w.text) && !is_quoted(text, w)).collect();
        let patronymic =
            long.last().is_some_and(|w| ["ВИЧ", "ВНА", "ЧНА", "ИЧ"].iter().any(|end| w.text.ends_with(end)));
        let cried = |w: &&&Word<'_>| w.letters() >= 5 && text[w.end()..].starts_with('!');
        if long.len() >= 2 && !patronymic {
            let (first, last) = (long[0], long[long.len() - 1]);
            found.push((first.at, short(&text[first.at..last.end()])));
        } else if let Some(word) = long.iter().find(cried) {
            found.push((word.at, word.text.to_owned()));
        }
    }
    if let Some(at) = text.find("!!!") {
        found.push((at, "!!!".to_owned()));
    }
    found.sort();
    found
}

fn short(text: &str) -> String {
    const MOST: usize = 40;
    if text.chars().count() <= MOST {
        text.to_owned()
    } else {
        text.chars().take(MOST).chain(['…']).collect()
    }
}

/// The word stands between quotation marks on its line.
fn is_quoted(text: &str, word: &Word<'_>) -> bool {
    let line = text[..word.at].rfind('\n').map_or(0, |n| n + 1);
    let before = &text[line..word.at];
    let opened = |open: char, close: char| {
        before.rfind(open).is_some_and(|at| !before[at + open.len_utf8()..].contains(close))
    };
    opened('«', '»') || opened('“', '”') || opened('„', '“') || before.matches('"').count() % 2 == 1
}

/// Abbreviations that everybody who writes to an authority, or reads there, knows.
const KNOWN: &[&str] = &[
    "РФ",
    "СССР",
    "СНГ",
    "ЖКХ",
    "ЖКУ",
    "УК",
    "МКД",
    "ИНН",
    "КПП",
    "СНИЛС",
    "ОГРН",
    "ОГРНИП",
    "МФЦ",
    "ГИБДД",
    "ГАИ",
    "МВД",
    "УВД",
    "ОВД",
    "ФНС",
    "ИФНС",
    "ПФР",
    "СФР",
    "ФСС",
    "ОМС",
    "ДМС",
    "ДТП",
    "ТСЖ",
    "ТСН",
    "ЖК",
    "СНТ",
    "ГСК",
    "ЖСК",
    "ЖЭК",
    "ООО",
    "АО",
    "ОАО",
    "ПАО",
    "ЗАО",
    "ИП",
    "ГУП",
    "МУП",
    "ФГУП",
    "ГБУ",
    "МБУ",
    "ФГБУ",
    "ГБУЗ",
    "МБОУ",
    "ГБОУ",
    "МБДОУ",
    "НКО",
    "ФИО",
    "ГК",
    "ТК",
    "КОАП",
    "ФЗ",
    "ПДД",
    "ОСАГО",
    "КАСКО",
    "ЕГЭ",
    "ОГЭ",
    "ВУЗ",
    "СМС",
    "ЭКГ",
    "МРТ",
    "КТ",
    "УЗИ",
    "ВИЧ",
    "СМИ",
    "МЧС",
    "ФСБ",
    "ФССП",
    "ФМС",
    "ЗАГС",
    "БТИ",
    "ЕГРН",
    "ЕГРЮЛ",
    "ЕГРИП",
    "ЕПГУ",
    "ЕСИА",
    "ПОС",
    "ЕРЦ",
    "ЕИРЦ",
    "РЭУ",
    "ДЭЗ",
    "ГВС",
    "ХВС",
    "ТКО",
    "ТБО",
    "ОДН",
    "ОДПУ",
    "ИПУ",
    "НДС",
    "НДФЛ",
    "МРОТ",
    "США",
    "ЕС",
    "ООН",
    "РЖД",
    "АЗС",
    "АТС",
    "ТЭЦ",
    "ГЭС",
    "МСЭ",
    "ИПР",
    "ЛПУ",
    "ФАП",
    "ДОУ",
    "СОШ",
    "ДК",
    "ТЦ",
    "ТРЦ",
    "ЦРБ",
    "ГКБ",
    "ПК",
    "ТВ",
    "РОССТАТ",
    "ГУВМ",
    "КБК",
    "БИК",
    "ОКТМО",
    "УИН",
    "QR",
    "QR-КОД",
    "SMS",
    "PDF",
    "JPG",
    "JPEG",
    "PNG",
    "DOC",
    "DOCX",
    "URL",
    "HTML",
    "HTTP",
    "HTTPS",
    "API",
    "USB",
    "WIFI",
    "WI-FI",
    "GPS",
    "ID",
    "PIN",
    "VPN",
    "PC",
    "TV",
    "USA",
    "UK",
    "EU",
    "UN",
    "ATM",
    "FAQ",
    "AM",
    "PM",
    "OK",
    "IP",
    "IT",
    "VIN",
    "CEO",
    "VAT",
    "NHS",
    "ZIP",
    "CCTV",
    "ETA",
    "RU",
    "COM",
    "WWW",
];

fn is_known(word: &str) -> bool {
    KNOWN.contains(&word.to_uppercase().as_str())
}

/// Short words that people write in capitals for emphasis.
const PLAIN: &[&str] = &[
    "НЕ", "НИ", "НЕТ", "ДА", "ВСЕ", "ВСЁ", "МЫ", "ВЫ", "ОН", "ОНА", "ОНИ", "ОНО", "ЭТО", "КАК", "ЧТО", "ГДЕ",
    "КТО", "ДЛЯ", "БЕЗ", "ДО", "ПО", "НА", "ОТ", "ИЗ", "ЗА", "ПОД", "НАД", "ПРИ", "ИЛИ", "НО", "УЖЕ", "ЕЩЕ",
    "ЕЩЁ", "ТАК", "ТАМ", "ТУТ", "НАМ", "НАС", "ВАМ", "ВАС", "МНЕ", "МОЙ", "МОЯ", "ДВА", "ТРИ", "ПЯТЬ", "РАЗ",
    "ДОМ", "СРОК", "ДЕНЬ", "ГОД", "ЛЕТ", "МОЖ", "ТОЖЕ", "ЖЕ", "БЫ", "ЛИ", "ТЕ", "ТОТ", "ТА", "ТО", "NOT",
    "NO", "YES", "ALL", "THE", "AND", "BUT", "FOR", "ANY", "ARE", "IS", "IT", "MY", "WE", "YOU", "ME", "US",
    "DO", "OF", "ON", "IN", "TO", "BE", "AN", "OR", "AT", "SO", "IF", "NOW", "NEVER", "WHY", "HOW", "WHO",
    "CAN", "HAS", "HAD", "WAS", "ONE", "TWO",
];

/// Abbreviations that a reader may not know. One that is explained (stands in brackets or is followed by them), is a
/// name (in quotes, after a legal form) or a part of an address or of mark-up is left alone.
pub(super) fn abbreviations(text: &str, words: &[Word<'_>]) -> Vec<(usize, String)> {
    const LEGAL_FORMS: &[&str] = &[
        "ООО", "АО", "ОАО", "ПАО", "ЗАО", "ИП", "ГУП", "МУП", "ФГУП", "ГБУ", "МБУ", "УК", "ТСЖ", "ТСН",
        "СНТ", "ЖК", "ЖСК", "ГСК",
    ];
    let mut explained = std::collections::BTreeSet::new();
    let mut found = Vec::new();
    for (n, word) in words.iter().enumerate() {
        let length = word.text.chars().count();
        if !word.is_capitals() || length != word.letters() || !(2..=5).contains(&length) {
            continue;
        }
        let vowels = word.text.chars().filter(|c| "АЕЁИОУЫЭЮЯAEIOUY".contains(*c)).count();
        let roman = word.text.chars().all(|c| "IVXLCDMХ".contains(c));
        if is_known(word.text) || PLAIN.contains(&word.text) || roman || length >= 4 && vowels >= 2 {
            continue;
        }
        let before = text[..word.at].chars().next_back();
        let after = &text[word.end()..];
        let in_markup = before.is_some_and(|c| "<>/&@_=.#:\\".contains(c))
            || after.starts_with(['>', '<', '/', '=', '@', '_', ';', '\\'])
            || after.starts_with('.') && after[1..].starts_with(char::is_alphanumeric);
        let named = n > 0 && LEGAL_FORMS.contains(&words[n - 1].text) || is_quoted(text, word);
        if before == Some('(') || after.trim_start().starts_with('(') {
            explained.insert(word.text);
        }
        if !in_markup && !named && !explained.contains(word.text) {
            found.push((word.at, word.text.to_owned()));
        }
    }
    found
}

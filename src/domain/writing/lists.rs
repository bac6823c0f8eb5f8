//! Word lists of the writing rules, separated by spaces. Lower case with `е` for `ё`, except for lists of words in
//! capitals.

use std::collections::HashSet;
use std::sync::OnceLock;

/// A word list, parsed on first use, because every word of every text is looked up in it.
pub(super) struct List {
    words: &'static str,
    set: OnceLock<(HashSet<&'static str>, usize)>,
}

impl List {
    const fn new(words: &'static str) -> Self {
        Self { words, set: OnceLock::new() }
    }

    /// Returns the words and the length of the longest one, in bytes.
    fn set(&self) -> &(HashSet<&'static str>, usize) {
        self.set.get_or_init(|| {
            let set: HashSet<_> = self.words.split_ascii_whitespace().collect();
            let longest = set.iter().map(|word| word.len()).max().unwrap_or_default();
            (set, longest)
        })
    }

    /// Returns whether the word is in the list.
    pub(super) fn has(&self, word: &str) -> bool {
        self.set().0.contains(word)
    }

    /// Returns whether the word starts with an entry of the list.
    pub(super) fn begins(&self, word: &str) -> bool {
        let (set, longest) = self.set();
        // A "word" may be a whole book without a space, so only prefixes up to the length of the longest entry are
        // tried.
        let ends = word.char_indices().map(|(at, c)| at + c.len_utf8());
        ends.take_while(|end| end <= longest).any(|end| set.contains(&word[..end]))
    }
}

/// A subject made only of these words is vague.
pub(super) static VAGUE: List = List::new(
    "\
    не работает работают нужна нужно помощь помогите помочь проблема проблемы жалоба обращение вопрос \
    вопросы срочно ошибка прошу разобраться разберитесь заявление просьба беспредел безобразие сделайте \
    что-нибудь что-то ничего получается сломалось сломался плохо ужас тема без темы важно внимание \
    здравствуйте добрый день очень у меня нас все всё опять снова это пожалуйста вас мне нам есть с в на \
    и help me us please problem problems issue issues complaint question urgent does doesn't not work \
    works working error appeal request it is isn't broken bad hello hi i need a an the very important \
    subject no my have nothing",
);

/// Stems of words that refer to a place or a time.
pub(super) static FACT_STEMS: List = List::new(
    "\
    январ феврал апрел июн июл август сентябр октябр ноябр декабр понедельник вторник четверг пятниц \
    суббот воскресень вчера сегодня позавчера недел месяц утром вечером ночью янв улиц january february \
    april june july august september october november december monday tuesday wednesday thursday friday \
    saturday sunday yesterday today week month morning evening tonight street avenue",
);

/// Whole words that refer to a place or a time.
pub(super) static FACT_WORDS: List = List::new(
    "\
    марта марте март мая мае май среду среды год года лет часа часов ago march may",
);

/// Stems of words that express what the applicant wants.
pub(super) static WISH_STEMS: List = List::new(
    "\
    прошу просим просьб требу хочу хотим хотел необходимо нужно должн обязан предлага ожида жду ждем \
    надею верни примите почини устран исправь помогите разбер провер сделайте отремонтир восстанов \
    пересчита перерасч выпла компенс сообщите объясните дайте please ask request expect want demand need \
    should must fix repair refund restore explain hope would",
);

/// Words that do not belong in a letter to an authority.
pub(super) static INFORMAL: List = List::new(
    "\
    блин капец пипец фигня хрень хрен фигово че чо щас ваще кароч плиз пжлст пж спс норм нафиг пофиг \
    похрен нахрен чувак козлы козел урод уроды сволочи сволочь твари тупые тупой дебил дебилы идиот \
    идиоты придурки придурок отстой офигели офигеть охренели охренеть обнаглели задолбали задолбало \
    достали хапуги ржака gonna wanna gotta ain't crap crappy wtf lol omg plz pls thx dude sucks idiot \
    idiots stupid bullshit damn screw morons moron yo kinda",
);

/// Abbreviations known to everyone who writes to an authority or works there.
pub(super) static KNOWN: List = List::new(
    "\
    РФ СССР СНГ ЖКХ ЖКУ УК МКД ИНН КПП СНИЛС ОГРН ОГРНИП МФЦ ГИБДД ГАИ МВД УВД ОВД ФНС ИФНС ПФР СФР ФСС \
    ОМС ДМС ДТП ТСЖ ТСН ЖК СНТ ГСК ЖСК ЖЭК ООО АО ОАО ПАО ЗАО ИП ГУП МУП ФГУП ГБУ МБУ ФГБУ ГБУЗ МБОУ \
    ГБОУ МБДОУ НКО ФИО ГК ТК КОАП ФЗ ПДД ОСАГО КАСКО ЕГЭ ОГЭ ВУЗ СМС ЭКГ МРТ КТ УЗИ ВИЧ СМИ МЧС ЕДДС ПП ФСБ ФССП \
    ФМС ЗАГС БТИ ЕГРН ЕГРЮЛ ЕГРИП ЕПГУ ЕСИА ПОС ЕРЦ ЕИРЦ РЭУ ДЭЗ ГВС ХВС ТКО ТБО ОДН ОДПУ ИПУ НДС НДФЛ \
    МРОТ США ЕС ООН РЖД АЗС АТС ТЭЦ ГЭС МСЭ ИПР ЛПУ ФАП ДОУ СОШ ДК ТЦ ТРЦ ЦРБ ГКБ ПК ТВ РОССТАТ ГУВМ КБК \
    БИК ОКТМО УИН QR QR-КОД SMS PDF JPG JPEG PNG DOC DOCX URL HTML HTTP HTTPS API USB WIFI WI-FI GPS ID \
    PIN VPN PC TV USA UK EU UN ATM FAQ AM PM OK IP IT VIN CEO VAT NHS ZIP CCTV ETA RU COM WWW",
);

/// Short words that people write in capitals for emphasis.
pub(super) static PLAIN: List = List::new(
    "\
    НЕ НИ НЕТ ДА ВСЕ ВСЁ МЫ ВЫ ОН ОНА ОНИ ОНО ЭТО КАК ЧТО ГДЕ КТО ДЛЯ БЕЗ ДО ПО НА ОТ ИЗ ЗА ПОД НАД ПРИ \
    ИЛИ НО УЖЕ ЕЩЕ ЕЩЁ ТАК ТАМ ТУТ НАМ НАС ВАМ ВАС МНЕ МОЙ МОЯ ДВА ТРИ ПЯТЬ РАЗ ДОМ СРОК ДЕНЬ ГОД ЛЕТ \
    МОЖ ТОЖЕ ЖЕ БЫ ЛИ ТЕ ТОТ ТА ТО NOT NO YES ALL THE AND BUT FOR ANY ARE IS IT MY WE YOU ME US DO OF ON \
    IN TO BE AN OR AT SO IF NOW NEVER WHY HOW WHO CAN HAS HAD WAS ONE TWO",
);

/// Legal forms, which precede a name.
pub(super) static LEGAL_FORMS: List = List::new(
    "\
    ООО АО ОАО ПАО ЗАО ИП ГУП МУП ФГУП ГБУ МБУ УК ТСЖ ТСН СНТ ЖК ЖСК ГСК",
);

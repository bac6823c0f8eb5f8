//! The vocabularies of the writing rules, words between spaces. Small letters with `е` for `ё`, but for the lists of
//! words in capitals.

/// Subjects that say nothing by themselves are made of these words only.
pub(super) const VAGUE: &str = "\
    не работает работают нужна нужно помощь помогите помочь проблема проблемы жалоба обращение вопрос \
    вопросы срочно ошибка прошу разобраться разберитесь заявление просьба беспредел безобразие сделайте \
    что-нибудь что-то ничего получается сломалось сломался плохо ужас тема без темы важно внимание \
    здравствуйте добрый день очень у меня нас все всё опять снова это пожалуйста вас мне нам есть с в на \
    и help me us please problem problems issue issues complaint question urgent does doesn't not work \
    works working error appeal request it is isn't broken bad hello hi i need a an the very important \
    subject no my have nothing";

/// Beginnings of words that place a case in time or space.
pub(super) const FACT_STEMS: &str = "\
    январ феврал апрел июн июл август сентябр октябр ноябр декабр понедельник вторник четверг пятниц \
    суббот воскресень вчера сегодня позавчера недел месяц утром вечером ночью янв улиц january february \
    april june july august september october november december monday tuesday wednesday thursday friday \
    saturday sunday yesterday today week month morning evening tonight street avenue";

/// Words that do so whole.
pub(super) const FACT_WORDS: &str = "\
    марта марте март мая мае май среду среды год года лет часа часов ago march may";

/// Beginnings of words that say what the applicant wants.
pub(super) const WISH_STEMS: &str = "\
    прошу просим просьб требу хочу хотим хотел необходимо нужно должн обязан предлага ожида жду ждем \
    надею верни примите почини устран исправь помогите разбер провер сделайте отремонтир восстанов \
    пересчита перерасч выпла компенс сообщите объясните дайте please ask request expect want demand need \
    should must fix repair refund restore explain hope would";

/// Words that do not belong in a letter to an authority.
pub(super) const INFORMAL: &str = "\
    блин капец пипец фигня хрень хрен фигово че чо щас ваще кароч плиз пжлст пж спс норм нафиг пофиг \
    похрен нахрен чувак козлы козел урод уроды сволочи сволочь твари тупые тупой дебил дебилы идиот \
    идиоты придурки придурок отстой офигели офигеть охренели охренеть обнаглели задолбали задолбало \
    достали хапуги ржака gonna wanna gotta ain't crap crappy wtf lol omg plz pls thx dude sucks idiot \
    idiots stupid bullshit damn screw morons moron yo kinda";

/// Abbreviations that everybody who writes to an authority, or reads there, knows.
pub(super) const KNOWN: &str = "\
    РФ СССР СНГ ЖКХ ЖКУ УК МКД ИНН КПП СНИЛС ОГРН ОГРНИП МФЦ ГИБДД ГАИ МВД УВД ОВД ФНС ИФНС ПФР СФР ФСС \
    ОМС ДМС ДТП ТСЖ ТСН ЖК СНТ ГСК ЖСК ЖЭК ООО АО ОАО ПАО ЗАО ИП ГУП МУП ФГУП ГБУ МБУ ФГБУ ГБУЗ МБОУ \
    ГБОУ МБДОУ НКО ФИО ГК ТК КОАП ФЗ ПДД ОСАГО КАСКО ЕГЭ ОГЭ ВУЗ СМС ЭКГ МРТ КТ УЗИ ВИЧ СМИ МЧС ЕДДС ПП ФСБ ФССП \
    ФМС ЗАГС БТИ ЕГРН ЕГРЮЛ ЕГРИП ЕПГУ ЕСИА ПОС ЕРЦ ЕИРЦ РЭУ ДЭЗ ГВС ХВС ТКО ТБО ОДН ОДПУ ИПУ НДС НДФЛ \
    МРОТ США ЕС ООН РЖД АЗС АТС ТЭЦ ГЭС МСЭ ИПР ЛПУ ФАП ДОУ СОШ ДК ТЦ ТРЦ ЦРБ ГКБ ПК ТВ РОССТАТ ГУВМ КБК \
    БИК ОКТМО УИН QR QR-КОД SMS PDF JPG JPEG PNG DOC DOCX URL HTML HTTP HTTPS API USB WIFI WI-FI GPS ID \
    PIN VPN PC TV USA UK EU UN ATM FAQ AM PM OK IP IT VIN CEO VAT NHS ZIP CCTV ETA RU COM WWW";

/// Short words that people write in capitals for emphasis.
pub(super) const PLAIN: &str = "\
    НЕ НИ НЕТ ДА ВСЕ ВСЁ МЫ ВЫ ОН ОНА ОНИ ОНО ЭТО КАК ЧТО ГДЕ КТО ДЛЯ БЕЗ ДО ПО НА ОТ ИЗ ЗА ПОД НАД ПРИ \
    ИЛИ НО УЖЕ ЕЩЕ ЕЩЁ ТАК ТАМ ТУТ НАМ НАС ВАМ ВАС МНЕ МОЙ МОЯ ДВА ТРИ ПЯТЬ РАЗ ДОМ СРОК ДЕНЬ ГОД ЛЕТ \
    МОЖ ТОЖЕ ЖЕ БЫ ЛИ ТЕ ТОТ ТА ТО NOT NO YES ALL THE AND BUT FOR ANY ARE IS IT MY WE YOU ME US DO OF ON \
    IN TO BE AN OR AT SO IF NOW NEVER WHY HOW WHO CAN HAS HAD WAS ONE TWO";

/// Legal forms, after which a name comes.
pub(super) const LEGAL_FORMS: &str = "\
    ООО АО ОАО ПАО ЗАО ИП ГУП МУП ФГУП ГБУ МБУ УК ТСЖ ТСН СНТ ЖК ЖСК ГСК";

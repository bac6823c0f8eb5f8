//! The fields of an appeal, defined once.
//!
//! * [`optional_fields!`](crate::optional_fields) lists the optional fields by their JSON names. It generates the
//!   struct members of requests, cards and rows, and the columns of the table.
//! * [`FIELDS`] lists every value that can be written, with its flag, help, form and place on a card. Flags, batch
//!   columns, record files, edits, checks, cards and list columns are generated from it.
//!
//! A new field is an entry in each list, a column in a migration, and a label in both languages. Every field is
//! recorded in the journal, has versions and can be edited. The tests below fail if one of the two lists lacks an
//! entry.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::requisites::{Email, Inn, Phone};
use super::vocab::*;

/// Calls `$stamp!` with the optional fields of an appeal, as `block { /// Description. name: Type, … }`. A card always
/// includes the members of `always`, `null` if absent; members of `sparse` are included only with a value.
#[macro_export]
macro_rules! optional_fields {
    ($stamp:ident) => {
        $stamp! {
            always {
                /// Region concerned: in a request as written, in a card its code.
                region: String,
                /// Name or URL of the service concerned.
                service: String,
                /// Number of the related application.
                application: String,
                /// When the problem occurred: a date or a time, as given.
                occurred_at: String,
                /// The result the applicant expects.
                expected: String,
                place: Place,
            }
            sparse {
                /// The steps that led to the problem.
                steps: String,
                /// What happened instead.
                actual: String,
                institution: Institution,
            }
        }
    };
}

/// Every writable value of an appeal, in the order of help and cards.
pub const FIELDS: &[Field] = &[
    field!(subject, "subject", "SUBJECT", "What it is about, in a few words").form(Form::Subject),
    field!(text, "text", "TEXT", "What happened").form(Form::Body).shown(Shown::Section),
    field!(kind, "kind", "KIND", "Kind of appeal; a complaint unless given")
        .form(Form::Word(Kind::VOCABULARY, Kind::words))
        .with_default(),
    field!(category, "category", "CODE", "Code of the category (`appeal category list`)").form(Form::Code),
    field!(priority, "priority", "PRIORITY", "Priority: `high` for what is urgent")
        .form(Form::Word(Priority::VOCABULARY, Priority::words))
        .with_default(),
    field!(region, "region", "REGION", "Region concerned: its name or code (`appeal region list`)")
        .shown(Shown::Fact),
    field!(place.address, "address", "ADDRESS", "Address of the place concerned")
        .since(2)
        .asked_as("address")
        .shown(Shown::Fact),
    field!(
        place.latitude,
        "latitude",
        "DEGREES",
        "Latitude of the place in decimal degrees, such as 55.7558"
    )
    .since(2)
    .form(Form::Degrees { max: 90, with: "place.longitude" })
    .shown(Shown::Fact),
    field!(
        place.longitude,
        "longitude",
        "DEGREES",
        "Longitude of the place in decimal degrees, such as 37.6173"
    )
    .since(2)
    .form(Form::Degrees { max: 180, with: "place.latitude" })
    .shown(Shown::Fact),
    field!(service, "service", "SERVICE", "Service concerned: its name or URL").shown(Shown::Fact),
    field!(application, "application", "NUMBER", "Number of the related application").shown(Shown::Fact),
    field!(
        occurred_at,
        "occurred",
        "WHEN",
        "When the problem occurred: `2026-11-01`, `01.11.2026 14:30`, `2026-11` or `yesterday`"
    )
    .form(Form::Time)
    .shown(Shown::Fact),
    field!(steps, "steps", "TEXT", "The steps that led to the problem")
        .form(Form::Text)
        .shown(Shown::Section),
    field!(actual, "actual", "TEXT", "What happened instead of what was expected")
        .form(Form::Text)
        .shown(Shown::Section),
    field!(expected, "expected", "TEXT", "The result you expect").form(Form::Text).shown(Shown::Section),
    field!(
        institution.name,
        "institution-name",
        "NAME",
        "Name of the institution concerned: a school, a clinic, a utility"
    )
    .asked_as("institution")
    .shown(Shown::Fact),
    field!(institution.inn, "institution-inn", "INN", "INN of the institution concerned")
        .form(Form::Inn)
        .shown(Shown::Fact),
    field!(institution.address, "institution-address", "ADDRESS", "Address of the institution concerned")
        .shown(Shown::Fact),
    field!(contacts.email, "contact-email", "EMAIL", "E-mail for this appeal; the profile's unless given")
        .form(Form::Email),
    field!(contacts.phone, "contact-phone", "PHONE", "Phone for this appeal; the profile's unless given")
        .form(Form::Phone),
    field!(contacts.preferred, "contact-preferred", "WAY", "Preferred way of contact for this appeal")
        .form(Form::Word(ContactWay::VOCABULARY, ContactWay::words)),
    field!(organization, "organization", "INN", "INN of the organization on whose behalf it is filed")
        .form(Form::Organization),
];

/// The form of a value, which determines how it is read, checked and shown.
#[derive(Debug, Clone, Copy)]
pub enum Form {
    /// The subject.
    Subject,
    /// The text.
    Body,
    /// A longer text.
    Text,
    /// A short text.
    Line,
    /// The code of a category.
    Code,
    /// A word of a vocabulary: its name and its words.
    Word(&'static str, fn() -> Vec<&'static str>),
    /// A date or a time.
    Time,
    /// A coordinate: at most `max` degrees in either direction, and only together with the field `with`.
    Degrees {
        max: i64,
        with: &'static str,
    },
    /// The INN of the institution concerned.
    Inn,
    /// The INN of one of the applicant's organizations.
    Organization,
    Email,
    Phone,
}

impl Form {
    /// True if a value may start with a hyphen.
    pub const fn allows_hyphen(self) -> bool {
        match self {
            Form::Text | Form::Phone | Form::Degrees { .. } => true,
            Form::Subject
            | Form::Body
            | Form::Line
            | Form::Code
            | Form::Word(..)
            | Form::Time
            | Form::Inn
            | Form::Organization
            | Form::Email => false,
        }
    }
}

/// How a card shows a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// By code of its own.
    Custom,
    /// On a line with its label.
    Fact,
    /// As a section with its label as the heading.
    Section,
}

/// A writable value of an appeal.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// JSON name, such as `institution.inn`. Also used in findings, versions and columns.
    pub name: &'static str,
    /// Flag without the hyphens; also the column in a batch and the name in a record.
    pub flag: &'static str,
    /// Placeholder of the value in help.
    pub value_name: &'static str,
    /// Description in help.
    pub help: &'static str,
    pub form: Form,
    pub shown: Shown,
    /// Alternative key under which categories require the field.
    pub asked_as: Option<&'static str>,
    /// Whether the field has a default, so that it always satisfies a category's requirement.
    pub has_default: bool,
    /// The first edition of the table that includes the field.
    pub since: u32,
    show: fn(&Content) -> Option<Cow<'_, str>>,
    read: fn(&mut Content, &str) -> Result<(), Unreadable>,
    copy: fn(&mut Content, &Content),
    clear: fn(&mut Content),
}

macro_rules! field {
    ($member:ident, $($rest:expr),+ $(,)?) => {
        Field::new(
            stringify!($member),
            [$($rest),+],
            |content| content.$member.as_ref().map(Written::show),
            |content, text| {
                content.$member = Some(Written::read(text)?);
                Ok(())
            },
            |to, from| to.$member.clone_from(&from.$member),
            |content| content.$member = None,
        )
    };
    ($group:ident.$part:ident, $($rest:expr),+ $(,)?) => {
        Field::new(
            concat!(stringify!($group), ".", stringify!($part)),
            [$($rest),+],
            |content| content.$group.as_ref()?.$part.as_ref().map(Written::show),
            |content, text| {
                content.$group.get_or_insert_default().$part = Some(Written::read(text)?);
                Ok(())
            },
            |to, from| {
                let part = from.$group.as_ref().and_then(|group| group.$part.clone());
                to.$group.get_or_insert_default().$part = part;
            },
            |content| {
                if let Some(group) = &mut content.$group {
                    group.$part = None;
                }
                content.$group = content.$group.take().filter(|group| *group != Default::default());
            },
        )
    };
}
use field;

impl Field {
    const fn new(
        name: &'static str,
        [flag, value_name, help]: [&'static str; 3],
        show: fn(&Content) -> Option<Cow<'_, str>>,
        read: fn(&mut Content, &str) -> Result<(), Unreadable>,
        copy: fn(&mut Content, &Content),
        clear: fn(&mut Content),
    ) -> Self {
        Self {
            name,
            flag,
            value_name,
            help,
            form: Form::Line,
            shown: Shown::Custom,
            asked_as: None,
            has_default: false,
            since: 1,
            show,
            read,
            copy,
            clear,
        }
    }

    const fn form(self, form: Form) -> Self {
        Self { form, ..self }
    }

    const fn shown(self, shown: Shown) -> Self {
        Self { shown, ..self }
    }

    const fn asked_as(self, key: &'static str) -> Self {
        Self { asked_as: Some(key), ..self }
    }

    const fn with_default(self) -> Self {
        Self { has_default: true, ..self }
    }

    const fn since(self, since: u32) -> Self {
        Self { since, ..self }
    }

    /// Returns the edition of the table: that of its newest field. A batch is read by the edition that began it.
    pub fn edition() -> u32 {
        FIELDS.iter().map(|field| field.since).max().unwrap_or(1)
    }

    /// Returns the field with this JSON name.
    pub fn named(name: &str) -> Option<&'static Field> {
        FIELDS.iter().find(|field| field.name == name)
    }

    /// Returns the field with this flag.
    pub fn of_flag(flag: &str) -> Option<&'static Field> {
        FIELDS.iter().find(|field| field.flag == flag)
    }

    /// Returns the field that a category requires by this key.
    pub fn asked(key: &str) -> Option<&'static Field> {
        FIELDS.iter().find(|field| field.name == key || field.asked_as == Some(key))
    }

    /// Returns the id of the label in the message catalogues.
    pub fn label(&self) -> String {
        format!("column-{}", self.name.replace(['.', '_'], "-"))
    }

    /// Checks that a text is a possible value of the field.
    ///
    /// # Errors
    /// The text is not a possible value.
    pub fn accepts(&self, text: &str) -> Result<(), Unreadable> {
        (self.read)(&mut Content::default(), text)
    }
}

impl Field {
    /// Returns a finding if the value is a mistyped requisite or contact, is out of range or lacks its other coordinate.
    pub fn wrong(&self, content: &Content) -> Option<Finding> {
        let Some(value) = content.given(self) else {
            let Form::Degrees { with, .. } = self.form else { return None };
            let (group, _) = with.split_once('.')?;
            Field::named(with).and_then(|other| content.given(other))?;
            return Some(Finding::error("coordinate-missing", group));
        };
        match self.form {
            Form::Degrees { max, .. } => {
                let is_within = Degrees::read(&value).is_ok_and(|degrees| degrees.is_within(max));
                let finding =
                    Finding::error("coordinate-range", self.name).arg("given", &value).arg("max", max);
                (!is_within).then_some(finding)
            }
            Form::Email => Email::finding(self.name, &value),
            Form::Phone => Phone::finding(self.name, &value),
            Form::Inn | Form::Organization => Inn::finding(self.name, &value),
            Form::Subject
            | Form::Body
            | Form::Text
            | Form::Line
            | Form::Code
            | Form::Word(..)
            | Form::Time => None,
        }
    }
}

/// A text that is not a possible value of a field.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// The word is not in the vocabulary.
    #[error(transparent)]
    Word(#[from] UnknownWord),
    /// It is not a number of degrees.
    #[error("'{0}' is not a number of degrees: write it as 55.7558")]
    Degrees(String),
}

impl Unreadable {
    /// The finding about a value under this key of a record.
    pub fn finding(self, key: &str) -> Finding {
        let error = |code| Finding::error(code, key).at(key).arg("key", key);
        match self {
            Self::Word(UnknownWord { vocabulary: _, given, allowed }) => {
                error("record-word-unknown").arg("given", given).arg("known", allowed.join(", "))
            }
            Self::Degrees(given) => error("coordinate-form").arg("given", given),
        }
    }
}

macro_rules! content {
    ($($block:ident { $($(#[$meta:meta])* $name:ident: $type:ident,)* })*) => {
        /// The content of an appeal, complete or partial: a draft, a record in progress, an edit. Absent and empty
        /// values are equivalent, except in an edit, where an empty value clears the field.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
        pub struct Content {
            pub subject: Option<String>,
            pub text: Option<String>,
            pub kind: Option<Kind>,
            pub category: Option<String>,
            pub priority: Option<Priority>,
            $($($(#[$meta])* pub $name: Option<$type>,)*)*
            /// Fields required by the category, and any others.
            pub fields: BTreeMap<String, String>,
            pub contacts: Option<Contacts>,
            /// INN of the organization on whose behalf the appeal is filed.
            pub organization: Option<String>,
        }

        impl Content {
            /// JSON names of the members.
            pub const NAMES: &'static [&'static str] = &[
                "subject", "text", "kind", "category", "priority",
                $($(stringify!($name),)*)*
                "fields", "contacts", "organization",
            ];
        }
    };
}
optional_fields!(content);

impl Content {
    /// Returns the value of a field as text.
    pub fn get(&self, field: &Field) -> Option<Cow<'_, str>> {
        (field.show)(self)
    }

    /// Returns the value of a field, or `None` if it is empty.
    pub fn given(&self, field: &Field) -> Option<Cow<'_, str>> {
        self.get(field).filter(|value| !value.is_empty())
    }

    /// Sets a field from text.
    ///
    /// # Errors
    /// The text is not a possible value of the field.
    pub fn set(&mut self, field: &Field, text: &str) -> Result<(), Unreadable> {
        (field.read)(self, text)
    }

    /// Returns the content with every value present in `over` replaced.
    pub fn overlaid(mut self, over: &Content) -> Content {
        for field in FIELDS.iter().filter(|field| over.get(field).is_some()) {
            (field.copy)(&mut self, over);
        }
        self.fields.extend(over.fields.clone());
        self
    }

    /// Returns the content without empty values, as after an edit or before filing.
    pub fn without_blanks(mut self) -> Content {
        for field in FIELDS {
            if self.given(field).is_none() {
                (field.clear)(&mut self);
            }
        }
        self.fields.retain(|_, value| !value.is_empty());
        self
    }

    /// Applies an edit: values of the edit replace existing ones, and empty values clear them.
    pub fn edited(self, edit: &Content) -> Content {
        self.overlaid(edit).without_blanks()
    }

    /// Returns whether the field, or the category field with this key, has a non-blank value or a default.
    pub fn has(&self, key: &str) -> bool {
        let present = |value: &str| !value.trim().is_empty();
        Field::asked(key)
            .is_some_and(|field| field.has_default || self.get(field).is_some_and(|value| present(&value)))
            || self.fields.get(key).is_some_and(|value| present(value))
    }

    /// Returns the JSON names of the values that differ. `fields` stands for all category fields together; the
    /// differing ones follow as `fields.KEY`.
    pub fn differing(&self, other: &Content) -> Vec<String> {
        let of_table = FIELDS.iter().filter(|field| self.get(field) != other.get(field));
        let mut names: Vec<String> = of_table.map(|field| field.name.to_owned()).collect();
        if self.fields != other.fields {
            names.push("fields".to_owned());
        }
        for key in self.fields.keys().chain(other.fields.keys()) {
            let name = format!("fields.{key}");
            if self.fields.get(key) != other.fields.get(key) && !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

/// Conversion of a value from and to text as people write it.
trait Written: Sized {
    fn read(text: &str) -> Result<Self, Unreadable>;
    fn show(&self) -> Cow<'_, str>;
}

impl Written for String {
    fn read(text: &str) -> Result<Self, Unreadable> {
        Ok(text.to_owned())
    }

    fn show(&self) -> Cow<'_, str> {
        self.into()
    }
}

macro_rules! written_words {
    ($($name:ident),+) => { $(
        impl Written for $name {
            fn read(text: &str) -> Result<Self, Unreadable> {
                Ok(text.parse()?)
            }

            fn show(&self) -> Cow<'_, str> {
                self.as_str().into()
            }
        }
    )+ };
}
written_words!(Kind, Priority, ContactWay);

/// Conversion of a value from and to a table column: text as it is, a group of values as JSON.
pub trait Stored: Sized {
    /// Returns the column value.
    ///
    /// # Errors
    /// The value cannot be written as JSON.
    fn to_column(&self) -> serde_json::Result<String>;

    /// Parses the column value.
    ///
    /// # Errors
    /// The column holds something else.
    fn from_column(text: String) -> serde_json::Result<Self>;
}

impl Stored for String {
    fn to_column(&self) -> serde_json::Result<String> {
        Ok(self.clone())
    }

    fn from_column(text: String) -> serde_json::Result<Self> {
        Ok(text)
    }
}

macro_rules! stored_as_json {
    ($($name:ident),+) => { $(
        impl Stored for $name {
            fn to_column(&self) -> serde_json::Result<String> {
                serde_json::to_string(self)
            }

            fn from_column(text: String) -> serde_json::Result<Self> {
                serde_json::from_str(&text)
            }
        }
    )+ };
}
stored_as_json!(Institution, Place);

/// An institution concerned: a school, a clinic, a utility.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Institution {
    pub name: Option<String>,
    pub inn: Option<String>,
    pub address: Option<String>,
}

/// The place of the problem. Latitude and longitude are given together or not at all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Place {
    pub address: Option<String>,
    /// Decimal degrees from -90 to 90, rounded to 7 decimals. Only an edit may have an empty text.
    #[schema(value_type = Option<DegreesInJson>)]
    pub latitude: Option<Degrees>,
    /// Decimal degrees from -180 to 180, rounded to 7 decimals. Only an edit may have an empty text.
    #[schema(value_type = Option<DegreesInJson>)]
    pub longitude: Option<Degrees>,
}

/// Decimal degrees as a whole number of units of the seventh decimal, about a centimetre. `None`, an empty text in JSON,
/// clears a value in an edit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "DegreesInJson", into = "DegreesInJson")]
pub struct Degrees(Option<i64>);

#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged, expecting = "expected a number of degrees")]
#[schema(as = Degrees)]
enum DegreesInJson {
    Number(f64),
    /// Always empty: clears the value.
    Text(String),
}

impl Degrees {
    const UNIT: f64 = 1e7;

    fn is_within(self, max: i64) -> bool {
        self.0.is_none_or(|degrees| degrees.abs() <= max * 10_000_000)
    }
}

impl From<f64> for Degrees {
    fn from(number: f64) -> Self {
        // Saturates: such a number is out of range in any case.
        Self(Some((number * Self::UNIT).round() as i64))
    }
}

impl TryFrom<DegreesInJson> for Degrees {
    type Error = &'static str;

    fn try_from(value: DegreesInJson) -> Result<Self, &'static str> {
        match value {
            DegreesInJson::Number(number) => Ok(number.into()),
            DegreesInJson::Text(text) if text.is_empty() => Ok(Self(None)),
            DegreesInJson::Text(_) => Err("degrees must be a number, not a text"),
        }
    }
}

impl From<Degrees> for DegreesInJson {
    fn from(degrees: Degrees) -> Self {
        match degrees.0 {
            Some(degrees) => Self::Number(degrees as f64 / Degrees::UNIT),
            None => Self::Text(String::new()),
        }
    }
}

impl Written for Degrees {
    fn read(text: &str) -> Result<Self, Unreadable> {
        if text.trim().is_empty() {
            return Ok(Self(None));
        }
        let number: Option<f64> = text.trim().replace(',', ".").parse().ok();
        let number = number.filter(|number| number.is_finite());
        number.map(Self::from).ok_or_else(|| Unreadable::Degrees(text.to_owned()))
    }

    fn show(&self) -> Cow<'_, str> {
        self.0.map(|degrees| (degrees as f64 / Self::UNIT).to_string()).unwrap_or_default().into()
    }
}

/// Contacts of the applicant for this appeal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Contacts {
    pub email: Option<String>,
    /// In E.164 format.
    pub phone: Option<String>,
    pub preferred: Option<ContactWay>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// Returns content with a value in every field of the table, and the names of those fields.
    fn full() -> Content {
        let mut content = Content::default();
        for field in FIELDS {
            let value = match field.form {
                Form::Word(_, words) => words()[0],
                Form::Degrees { .. } => "-33.4489",
                _ => "7707083893",
            };
            content.set(field, value).unwrap();
        }
        content
    }

    fn leaves(prefix: &str, value: &Value, found: &mut BTreeSet<String>) {
        let Value::Object(map) = value else {
            assert!(!value.is_null(), "{prefix} has no entry in FIELDS");
            found.insert(prefix.to_owned());
            return;
        };
        for (name, value) in map.iter().filter(|(name, _)| *name != "fields") {
            let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
            leaves(&name, value, found);
        }
    }

    #[test]
    fn every_value_has_an_entry() {
        let mut found = BTreeSet::new();
        leaves("", &serde_json::to_value(full()).unwrap(), &mut found);
        assert_eq!(found, FIELDS.iter().map(|field| field.name.to_owned()).collect());
        let names: BTreeSet<&str> = FIELDS.iter().filter_map(|field| field.name.split('.').next()).collect();
        let members: BTreeSet<&str> =
            Content::NAMES.iter().copied().filter(|name| *name != "fields").collect();
        assert_eq!(names, members);
    }

    #[test]
    fn no_two_fields_share_a_name() {
        let names: BTreeSet<&str> = FIELDS.iter().map(|field| field.name).collect();
        let flags: BTreeSet<&str> = FIELDS.iter().map(|field| field.flag).collect();
        assert_eq!((names.len(), flags.len()), (FIELDS.len(), FIELDS.len()));
    }

    /// The edition of the last release. A release with new fields sets it to their edition.
    const RELEASED: u32 = 1;

    /// The digests of batch rows depend on the fields of the edition that began the batch.
    #[test]
    fn a_field_stays_in_its_edition() {
        let editions = [
            "actual application category contact-email contact-phone contact-preferred expected institution-address \
             institution-inn institution-name kind occurred organization priority region service steps subject text",
            "address latitude longitude",
        ];
        for (edition, expected) in (1..).zip(editions) {
            let flags: BTreeSet<&str> =
                FIELDS.iter().filter(|field| field.since == edition).map(|field| field.flag).collect();
            assert_eq!(
                Vec::from_iter(flags).join(" "),
                expected,
                "a new field is `.since({})` and is listed here in that edition; the fields of edition {RELEASED} and \
                 earlier are released and stay where they are",
                RELEASED + 1
            );
        }
        assert_eq!(Field::edition(), editions.len() as u32, "list the new edition here");
        assert!(Field::edition() <= RELEASED + 1, "all unreleased fields belong to edition {}", RELEASED + 1);
    }

    #[test]
    fn every_value_can_be_replaced_and_cleared_by_itself() {
        for field in FIELDS {
            let mut edit = Content::default();
            (field.copy)(&mut edit, &full());
            assert_eq!(edit.differing(&Content::default()), [field.name]);
            assert_eq!(Content::default().edited(&edit), edit);
            let mut cleared = full();
            (field.clear)(&mut cleared);
            assert_eq!(cleared.differing(&full()), [field.name]);
            assert_eq!(cleared.overlaid(&edit), full());
        }
    }

    #[test]
    fn an_empty_value_clears_in_an_edit() {
        let institution = Institution { name: Some("School".into()), ..Institution::default() };
        let before = Content {
            subject: Some("Lift".into()),
            institution: Some(institution),
            fields: BTreeMap::from([("flat".into(), "7".into())]),
            ..Content::default()
        };
        let mut edit =
            Content { fields: BTreeMap::from([("flat".into(), String::new())]), ..Content::default() };
        edit.set(Field::named("institution.name").unwrap(), "").unwrap();
        let after = Content { subject: Some("Lift".into()), ..Content::default() };
        assert_eq!(before.edited(&edit), after);
    }

    #[test]
    fn degrees_are_numbers_of_at_most_seven_decimals() {
        for (written, shown, json) in [
            ("55.7558", "55.7558", "55.7558"),
            (" -33,4489 ", "-33.4489", "-33.4489"),
            ("37.617300000001", "37.6173", "37.6173"),
            ("0.12345678", "0.1234568", "0.1234568"),
            ("180", "180", "180.0"),
            ("1e300", "922337203685.4775", "922337203685.4775"),
            ("", "", "\"\""),
        ] {
            let degrees = Degrees::read(written).unwrap();
            assert_eq!((&*degrees.show(), serde_json::to_string(&degrees).unwrap().as_str()), (shown, json));
            assert_eq!(serde_json::from_str::<Degrees>(json).unwrap(), degrees);
        }
        assert_eq!(serde_json::from_str::<Degrees>("55").unwrap(), Degrees::read("55").unwrap());
        for wrong in ["x", "5°", "NaN", "inf"] {
            assert_eq!(Degrees::read(wrong), Err(Unreadable::Degrees(wrong.to_owned())));
        }
        assert!(serde_json::from_str::<Degrees>("\"55\"").is_err());
    }

    #[test]
    fn coordinates_are_in_range_and_given_together() {
        for (latitude, longitude, code) in [
            ("55.7558", "37.6173", None),
            ("-90", "180", None),
            ("90.0000001", "0", Some(("coordinate-range", "place.latitude"))),
            ("0", "-180.1", Some(("coordinate-range", "place.longitude"))),
            ("55.7558", "", Some(("coordinate-missing", "place"))),
            ("", "37.6173", Some(("coordinate-missing", "place"))),
            ("", "", None),
        ] {
            let mut content = Content::default();
            content.set(Field::named("place.latitude").unwrap(), latitude).unwrap();
            content.set(Field::named("place.longitude").unwrap(), longitude).unwrap();
            let found: Vec<Finding> = FIELDS.iter().filter_map(|field| field.wrong(&content)).collect();
            assert_eq!(found.first().map(|finding| (finding.code, finding.field.as_str())), code);
            assert_eq!(found.len(), usize::from(code.is_some()));
        }
    }

    #[test]
    fn a_category_may_ask_for_a_field_by_its_key() {
        let mut content = Content::default();
        assert!(!content.has("institution") && !content.has("meter") && !content.has("subject"));
        assert!(content.has("kind") && content.has("priority") && !content.has("contacts.preferred"));
        content.set(Field::asked("institution").unwrap(), "School").unwrap();
        content.fields.insert("meter".into(), " ".into());
        content.fields.insert("flat".into(), "7".into());
        assert!(content.has("institution") && content.has("institution.name"));
        assert!(content.has("flat") && !content.has("meter"));
        content.fields.insert("contacts.email".into(), "a@example.org".into());
        assert!(content.has("contacts.email") && !content.has("address"));
        let place = Place { address: Some("Forest Street 12".into()), ..Place::default() };
        assert!(Content { place: Some(place), ..Content::default() }.has("address"));
    }
}

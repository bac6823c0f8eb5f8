//! The fields of an appeal: what its applicant says, defined once.
//!
//! * [`optional_fields!`](crate::optional_fields) lists the optional fields by their JSON names. It makes the struct
//!   members of requests, cards and rows, and the columns of the table.
//! * [`FIELDS`] lists every single value that can be written, with its flag, help, form and place on a card. Flags, batch
//!   columns, record files, edits, checks, cards and list columns are made of it.
//!
//! A new field is an entry in each, a column in a migration and its label in both languages. Every field is kept in the
//! journal, has versions and can be edited. The tests below fail where one of the two lists lacks an entry.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::requisites::{Email, Inn, Phone};
use super::vocab::*;

/// Calls `$stamp!` with the optional fields of an appeal, as `block { /// Description. name: Type, … }`. A card always
/// has the members of `always`, with `null` where there is no value, and those of `sparse` only with a value.
#[macro_export]
macro_rules! optional_fields {
    ($stamp:ident) => {
        $stamp! {
            always {
                /// Region concerned.
                region: String,
                /// Name or URL of the service concerned.
                service: String,
                /// Number of the related application.
                application: String,
                /// When the problem occurred, as given: a date or a time.
                occurred_at: String,
                /// The result the applicant expects.
                expected: String,
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

/// Every value of an appeal that can be written, in the order of help and cards.
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
    field!(region, "region", "REGION", "Region concerned").shown(Shown::Fact),
    field!(service, "service", "SERVICE", "Service concerned: its name or URL").shown(Shown::Fact),
    field!(application, "application", "NUMBER", "Number of the related application").shown(Shown::Fact),
    field!(
        occurred_at,
        "occurred",
        "WHEN",
        "When the problem occurred: `2026-11-01`, `2026-11-01T14:30` or `01.11.2026`"
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
    field!(organization, "organization", "INN", "INN of the organization in whose name it is filed")
        .form(Form::Organization),
];

/// What a value is, and so how it is read, checked and shown.
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
    /// A word of this vocabulary, and its words.
    Word(&'static str, fn() -> Vec<&'static str>),
    /// A date or a time.
    Time,
    /// The INN of somebody whom the appeal concerns.
    Inn,
    /// The INN of an organization of the applicant's.
    Organization,
    Email,
    Phone,
}

/// How a card shows a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// By itself.
    Apart,
    /// In a line with its label.
    Fact,
    /// As a section with its label as the heading.
    Section,
}

/// A value of an appeal that can be written.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// Its name in JSON, such as `institution.inn`. Findings, versions and columns use it.
    pub name: &'static str,
    /// Its flag without the hyphens, its column in a batch and its name in a record.
    pub flag: &'static str,
    /// What help calls a value.
    pub value_name: &'static str,
    /// What help says of it.
    pub help: &'static str,
    pub form: Form,
    pub shown: Shown,
    /// Another key under which categories ask for it.
    pub asked_as: Option<&'static str>,
    /// An appeal that does not say it has the default, so that no category lacks it.
    pub has_default: bool,
    /// The first edition of the table that has it.
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
            shown: Shown::Apart,
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

    /// The edition of the table: that of its newest field. A batch is read by the edition that began it.
    pub fn edition() -> u32 {
        FIELDS.iter().map(|field| field.since).max().unwrap_or(1)
    }

    /// The field with this JSON name.
    pub fn named(name: &str) -> Option<&'static Field> {
        FIELDS.iter().find(|field| field.name == name)
    }

    /// The field with this flag.
    pub fn of_flag(flag: &str) -> Option<&'static Field> {
        FIELDS.iter().find(|field| field.flag == flag)
    }

    /// The field that a category asks for by this key.
    pub fn asked(key: &str) -> Option<&'static Field> {
        FIELDS.iter().find(|field| field.name == key || field.asked_as == Some(key))
    }

    /// The id of its label in the message catalogues.
    pub fn label(&self) -> String {
        format!("column-{}", self.name.replace(['.', '_'], "-"))
    }

    /// Checks that a text can be its value.
    ///
    /// # Errors
    /// It cannot.
    pub fn accepts(&self, text: &str) -> Result<(), Unreadable> {
        (self.read)(&mut Content::default(), text)
    }
}

impl Field {
    /// What is wrong with the form of its value: a requisite or a contact that is mistyped.
    pub fn wrong(&self, content: &Content) -> Option<Finding> {
        let value = content.given(self)?;
        match self.form {
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

/// A text that cannot be the value of a field.
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It is not a word of the vocabulary.
    #[error(transparent)]
    Word(#[from] UnknownWord),
}

macro_rules! content {
    ($($block:ident { $($(#[$meta:meta])* $name:ident: $type:ident,)* })*) => {
        /// What an appeal says, all of it or a part: a draft, a record that is being written, an edit.
        /// Absent and empty are the same, except in an edit, where an empty value clears.
        #[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
        pub struct Content {
            pub subject: Option<String>,
            pub text: Option<String>,
            pub kind: Option<Kind>,
            pub category: Option<String>,
            pub priority: Option<Priority>,
            $($($(#[$meta])* pub $name: Option<$type>,)*)*
            /// Fields that the category asks for, and any other.
            pub fields: BTreeMap<String, String>,
            pub contacts: Option<Contacts>,
            /// INN of the organization in whose name it is filed.
            pub organization: Option<String>,
        }

        impl Content {
            /// The JSON names of its members.
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
    /// The value of a field as text.
    pub fn get(&self, field: &Field) -> Option<Cow<'_, str>> {
        (field.show)(self)
    }

    /// The value of a field where it is not empty.
    pub fn given(&self, field: &Field) -> Option<Cow<'_, str>> {
        self.get(field).filter(|value| !value.is_empty())
    }

    /// Sets a field to what is written.
    ///
    /// # Errors
    /// It cannot be the value of this field.
    pub fn set(&mut self, field: &Field, text: &str) -> Result<(), Unreadable> {
        (field.read)(self, text)
    }

    /// The same with every value that `over` has in place of its own.
    pub fn overlaid(mut self, over: &Content) -> Content {
        for field in FIELDS.iter().filter(|field| over.get(field).is_some()) {
            (field.copy)(&mut self, over);
        }
        self.fields.extend(over.fields.clone());
        self
    }

    /// The same without empty values: after an edit, or before filing.
    pub fn without_blanks(mut self) -> Content {
        for field in FIELDS {
            if self.given(field).is_none() {
                (field.clear)(&mut self);
            }
        }
        self.fields.retain(|_, value| !value.is_empty());
        self
    }

    /// The same after an edit: what the edit has replaces what was there, and an empty value clears it.
    pub fn edited(self, edit: &Content) -> Content {
        self.overlaid(edit).without_blanks()
    }

    /// True where the field, or the one of the category with this key, has a value that is not blank, or a default.
    pub fn has(&self, key: &str) -> bool {
        let present = |value: &str| !value.trim().is_empty();
        Field::asked(key)
            .is_some_and(|field| field.has_default || self.get(field).is_some_and(|value| present(&value)))
            || self.fields.get(key).is_some_and(|value| present(value))
    }

    /// The JSON names of the values that differ. `fields` stands for all fields of the category together; each of
    /// them follows as `fields.KEY`.
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

/// A value as people write it.
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

/// A value in one column of a table: a text as it is, a group of values as JSON.
pub trait Stored: Sized {
    /// What the column holds.
    ///
    /// # Errors
    /// It cannot be written as JSON.
    fn to_column(&self) -> serde_json::Result<String>;

    /// Reads it back.
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
stored_as_json!(Institution);

/// An institution concerned: a school, a clinic, a utility.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Institution {
    pub name: Option<String>,
    pub inn: Option<String>,
    pub address: Option<String>,
}

/// How to reach the applicant about this appeal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Contacts {
    pub email: Option<String>,
    /// E.164.
    pub phone: Option<String>,
    pub preferred: Option<ContactWay>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;

    /// A content with a value in every field of the table, and the names of those fields.
    fn full() -> Content {
        let mut content = Content::default();
        for field in FIELDS {
            let value = match field.form {
                Form::Word(_, words) => words()[0],
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

    /// Rows of a batch keep their digests by these: a field that is added later belongs to a later edition.
    #[test]
    fn the_first_edition_stays_as_it_was() {
        let first: BTreeSet<&str> =
            FIELDS.iter().filter(|field| field.since == 1).map(|field| field.flag).collect();
        let expected = "actual application category contact-email contact-phone contact-preferred expected \
            institution-address institution-inn institution-name kind occurred organization priority region service \
            steps subject text";
        assert_eq!(Vec::from_iter(first).join(" "), expected);
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
        assert!(content.has("contacts.email"));
    }
}

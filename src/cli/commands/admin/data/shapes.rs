//! The columns of platform data.

use serde_json::Value;

use crate::output::{Cell, Column, Shape};
use appeal_domain::DataKind;

macro_rules! shape {
    ($name:ident, $key:literal, [$($path:literal: $cell:expr),* $(,)?], [$($more:literal: $more_cell:expr),* $(,)?]) => {
        pub const $name: Shape = Shape {
            columns: &[$(Column::new($path, $cell)),*],
            more: &[$(Column::new($more, $more_cell)),*],
            key: $key,
        };
    };
}

shape!(PEOPLE, "login", [
    "login": Cell::Text, "name": Cell::Text, "role": Cell::Word("role"), "state": Cell::Word("account state"),
    "departments": Cell::Join,
], [
    "reason": Cell::Text, "email": Cell::Text, "phone": Cell::Text, "preferred": Cell::Word("contact way"),
    "snils": Cell::Text, "inn": Cell::Text, "region": Cell::Text, "levels": Cell::Join,
    "organizations.inn": Cell::Join, "organizations.name": Cell::Join,
]);
shape!(PERSON, "login", [
    "login": Cell::Text, "name": Cell::Text, "role": Cell::Word("role"), "state": Cell::Word("account state"),
    "reason": Cell::Text, "email": Cell::Text, "phone": Cell::Text, "preferred": Cell::Word("contact way"),
    "snils": Cell::Text, "inn": Cell::Text, "region": Cell::Text, "levels": Cell::Join, "departments": Cell::Join,
    "organizations.inn": Cell::Join, "organizations.name": Cell::Join,
], []);
shape!(DEPARTMENTS, "code", [
    "code": Cell::Text, "title": Cell::Title, "authority": Cell::Title, "region": Cell::Text, "time_zone": Cell::Text,
], ["routes.category": Cell::Join, "title.en": Cell::Text, "title.ru": Cell::Text, "authority.en": Cell::Text,
    "authority.ru": Cell::Text]);
shape!(DEPARTMENT, "code", [
    "code": Cell::Text, "title": Cell::Title, "authority": Cell::Title, "region": Cell::Text, "time_zone": Cell::Text,
    "routes.category": Cell::Join,
], []);
shape!(CATEGORIES, "code", [
    "code": Cell::Code, "title": Cell::Title, "access": Cell::Word("access"), "department": Cell::Text,
    "policy": Cell::Text,
], ["parent": Cell::Text, "hint": Cell::Title, "documents.code": Cell::Join, "fields.key": Cell::Join]);
shape!(CATEGORY, "code", [
    "code": Cell::Code, "title": Cell::Title, "hint": Cell::Title, "access": Cell::Word("access"),
    "department": Cell::Text, "policy": Cell::Text, "documents.code": Cell::Join, "fields.key": Cell::Join,
    "attachments.max_files": Cell::Number, "attachments.max_file_bytes": Cell::Size,
    "attachments.max_total_bytes": Cell::Size, "attachments.extensions": Cell::Join,
], []);
shape!(TEMPLATES, "id", [
    "id": Cell::Text, "title": Cell::Title, "kind": Cell::Word("kind"), "category": Cell::Code,
    "placeholders.name": Cell::Join,
], ["subject": Cell::Text, "text": Cell::Text]);
shape!(CALENDARS, "name", [
    "name": Cell::Text, "opens": Cell::Text, "closes": Cell::Text, "break_from": Cell::Text, "break_to": Cell::Text,
    "short_by_minutes": Cell::Number, "known_years": Cell::Join,
], []);
shape!(POLICIES, "name", [
    "name": Cell::Text, "first_status": Cell::Text, "registration": Cell::Text, "decision": Cell::Text,
    "redirection": Cell::Text, "clarification": Cell::Text, "escalation": Cell::Text, "confirmation": Cell::Text,
], []);
shape!(CONTACTS, "id", [
    "id": Cell::Text, "title": Cell::Title, "phone": Cell::Text, "email": Cell::Text, "url": Cell::Text,
    "hours": Cell::Title,
], ["title.en": Cell::Text, "title.ru": Cell::Text, "hours.en": Cell::Text, "hours.ru": Cell::Text]);
shape!(LOADED, "key", [
    "change": Cell::Word("load change"), "key": Cell::Text, "fields": Cell::Join,
], []);

/// Returns the columns of a list and of a single record.
pub fn shapes(kind: DataKind) -> (&'static Shape, &'static Shape) {
    match kind {
        DataKind::People => (&PEOPLE, &PERSON),
        DataKind::Departments => (&DEPARTMENTS, &DEPARTMENT),
        DataKind::Categories => (&CATEGORIES, &CATEGORY),
        DataKind::Templates => (&TEMPLATES, &TEMPLATES),
        DataKind::Calendar => (&CALENDARS, &CALENDARS),
        DataKind::Policies => (&POLICIES, &POLICIES),
        DataKind::Contacts => (&CONTACTS, &CONTACTS),
    }
}

/// Adds what the columns need: the years of a calendar are keys of an object, and a column needs a list. JSON keeps the
/// form in which records are loaded.
pub fn shown(for_json: bool, kind: DataKind, mut record: Value) -> Value {
    if kind == DataKind::Calendar && !for_json {
        let years: Vec<String> =
            record["years"].as_object().map(|y| y.keys().cloned().collect()).unwrap_or_default();
        record["known_years"] = years.into();
    }
    record
}

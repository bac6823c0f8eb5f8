//! What a category asks of an appeal (F4): required fields and documents. One rule for the tool, which checks before
//! anything is sent, and for the platform, which checks again.

use std::collections::BTreeMap;

use super::finding::Finding;

/// The field of findings about files.
pub const FILES: &str = "attach";

/// A field or a document that a category knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// Key of the field or code of the document.
    pub code: &'a str,
    /// Its title, in the reader's language.
    pub title: &'a str,
    /// The appeal is refused without it.
    pub required: bool,
}

/// The form of a category.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form<'a> {
    pub fields: Vec<Asked<'a>>,
    pub documents: Vec<Asked<'a>>,
}

/// A document that was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given<'a> {
    /// Code of the document it is meant to be.
    pub code: &'a str,
    /// The file it is in, where that is worth telling.
    pub at: Option<String>,
}

/// What the appeal says, as far as a form can ask for it.
#[derive(Debug, Clone, Default)]
pub struct Filled<'a> {
    pub region: Option<&'a str>,
    pub service: Option<&'a str>,
    pub application: Option<&'a str>,
    pub occurred_at: Option<&'a str>,
    pub expected: Option<&'a str>,
    pub steps: Option<&'a str>,
    pub actual: Option<&'a str>,
    pub organization: Option<&'a str>,
    pub institution_name: Option<&'a str>,
    pub institution_inn: Option<&'a str>,
    pub institution_address: Option<&'a str>,
    pub contact_email: Option<&'a str>,
    pub contact_phone: Option<&'a str>,
    /// Every other field, by its key.
    pub fields: Option<&'a BTreeMap<String, String>>,
    pub documents: Vec<Given<'a>>,
}

/// True for a key that stands for a field of the appeal itself: `region`, `institution.inn`, `contacts.email`, ….
pub fn is_own(key: &str) -> bool {
    Filled::default().own(key).is_some()
}

impl Filled<'_> {
    /// The value of a field of the appeal itself; none where the appeal has no such field.
    fn own(&self, key: &str) -> Option<Option<&str>> {
        Some(match key {
            "region" => self.region,
            "service" => self.service,
            "application" => self.application,
            "occurred_at" => self.occurred_at,
            "expected" => self.expected,
            "steps" => self.steps,
            "actual" => self.actual,
            "organization" => self.organization,
            "institution" | "institution.name" => self.institution_name,
            "institution.inn" => self.institution_inn,
            "institution.address" => self.institution_address,
            "contacts.email" => self.contact_email,
            "contacts.phone" => self.contact_phone,
            _ => return None,
        })
    }

    /// True where the field has a value, as a field of the appeal itself or among the others. Blanks are none.
    pub fn has(&self, key: &str) -> bool {
        let present = |value: &str| !value.trim().is_empty();
        self.own(key).flatten().is_some_and(present)
            || self.fields.and_then(|fields| fields.get(key)).is_some_and(|value| present(value))
    }
}

/// All that the form asks for and the appeal lacks, and documents that the form does not know.
pub fn lacking(form: &Form<'_>, filled: &Filled<'_>) -> Vec<Finding> {
    let fields = form.fields.iter().filter(|spec| spec.required && !filled.has(spec.code)).map(|spec| {
        let field = if is_own(spec.code) { spec.code.to_owned() } else { format!("fields.{}", spec.code) };
        Finding::error("field-required", field).arg("code", spec.code).arg("title", spec.title)
    });
    let documents = form
        .documents
        .iter()
        .filter(|spec| spec.required && !filled.documents.iter().any(|given| given.code == spec.code))
        .map(|spec| {
            Finding::error("document-required", FILES).arg("code", spec.code).arg("title", spec.title)
        });
    let unknown = filled
        .documents
        .iter()
        .filter(|given| !form.documents.iter().any(|spec| spec.code == given.code))
        .map(|given| {
            let known = form.documents.iter().map(|spec| spec.code).collect::<Vec<_>>().join(", ");
            let finding =
                Finding::error("document-unknown", FILES).arg("code", given.code).arg("known", known);
            match &given.at {
                Some(place) => finding.at(place.clone()),
                None => finding,
            }
        });
    fields.chain(documents).chain(unknown).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn asked(code: &str, required: bool) -> Asked<'_> {
        Asked { code, title: "", required }
    }

    fn found(form: &Form<'_>, filled: &Filled<'_>) -> Vec<(&'static str, String)> {
        lacking(form, filled).into_iter().map(|f| (f.code, f.field)).collect()
    }

    #[test]
    fn everything_that_lacks_is_told_at_once() {
        let form = Form {
            fields: vec![asked("region", true), asked("meter", true), asked("flat", false)],
            documents: vec![asked("bill", true), asked("lease", false)],
        };
        let mut filled =
            Filled { documents: vec![Given { code: "passport", at: None }], ..Filled::default() };
        assert_eq!(
            found(&form, &filled),
            [
                ("field-required", "region".to_owned()),
                ("field-required", "fields.meter".to_owned()),
                ("document-required", FILES.to_owned()),
                ("document-unknown", FILES.to_owned()),
            ]
        );
        let fields =
            BTreeMap::from([("meter".to_owned(), "12".to_owned()), ("region".to_owned(), " ".to_owned())]);
        filled.fields = Some(&fields);
        filled.region = Some("\n");
        filled.documents = vec![Given { code: "bill", at: None }];
        assert_eq!(found(&form, &filled), [("field-required", "region".to_owned())]);
        filled.region = Some("77");
        assert_eq!(found(&form, &filled), []);
    }

    #[test]
    fn a_field_of_the_appeal_may_be_given_among_the_others() {
        let form = Form { fields: vec![asked("contacts.email", true)], documents: Vec::new() };
        let fields = BTreeMap::from([("contacts.email".to_owned(), "a@example.org".to_owned())]);
        assert_eq!(found(&form, &Filled::default()), [("field-required", "contacts.email".to_owned())]);
        assert_eq!(found(&form, &Filled { fields: Some(&fields), ..Filled::default() }), []);
        assert!(is_own("institution.inn") && !is_own("meter"));
    }
}

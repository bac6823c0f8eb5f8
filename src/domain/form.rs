//! What a category asks of an appeal (F4): required fields and documents. One rule for the tool, which checks before
//! anything is sent, and for the platform, which checks again.

use super::fields::{Content, Field};
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

/// True for a key that stands for a field of the appeal itself: `region`, `institution.inn`, `contacts.email`, ….
pub fn is_own(key: &str) -> bool {
    Field::named(key).is_some() || Content::NAMES.contains(&key)
}

/// All that the form asks for and the appeal lacks, and documents that the form does not know.
pub fn lacking(form: &Form<'_>, content: &Content, given: &[Given<'_>]) -> Vec<Finding> {
    let fields = form.fields.iter().filter(|spec| spec.required && !content.has(spec.code)).map(|spec| {
        let field = if is_own(spec.code) { spec.code.to_owned() } else { format!("fields.{}", spec.code) };
        Finding::error("field-required", field).arg("code", spec.code).arg("title", spec.title)
    });
    let documents = form
        .documents
        .iter()
        .filter(|spec| spec.required && !given.iter().any(|given| given.code == spec.code))
        .map(|spec| {
            Finding::error("document-required", FILES).arg("code", spec.code).arg("title", spec.title)
        });
    let unknown = given
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

    fn found(form: &Form<'_>, content: &Content, given: &[Given<'_>]) -> Vec<(&'static str, String)> {
        lacking(form, content, given).into_iter().map(|f| (f.code, f.field)).collect()
    }

    #[test]
    fn everything_that_lacks_is_told_at_once() {
        let form = Form {
            fields: vec![asked("region", true), asked("meter", true), asked("flat", false)],
            documents: vec![asked("bill", true), asked("lease", false)],
        };
        assert_eq!(
            found(&form, &Content::default(), &[Given { code: "passport", at: None }]),
            [
                ("field-required", "region".to_owned()),
                ("field-required", "fields.meter".to_owned()),
                ("document-required", FILES.to_owned()),
                ("document-unknown", FILES.to_owned()),
            ]
        );
        let mut content = Content { region: Some("\n".to_owned()), ..Content::default() };
        content.fields.insert("meter".to_owned(), "12".to_owned());
        content.fields.insert("region".to_owned(), " ".to_owned());
        let bill = [Given { code: "bill", at: None }];
        assert_eq!(found(&form, &content, &bill), [("field-required", "region".to_owned())]);
        content.region = Some("77".to_owned());
        assert_eq!(found(&form, &content, &bill), []);
    }

    #[test]
    fn a_field_of_the_appeal_may_be_given_among_the_others() {
        let form = Form { fields: vec![asked("contacts.email", true)], documents: Vec::new() };
        let mut content = Content::default();
        assert_eq!(found(&form, &content, &[]), [("field-required", "contacts.email".to_owned())]);
        content.fields.insert("contacts.email".to_owned(), "a@example.org".to_owned());
        assert_eq!(found(&form, &content, &[]), []);
        assert!(is_own("institution.inn") && !is_own("meter"));
    }
}

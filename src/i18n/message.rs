//! A message with its arguments, independent of the language. [`message!`](crate::message) checks both at compile time.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::catalogues::{MESSAGES, has, t};
use crate::lang::Lang;

/// A message of the catalogues with its arguments, created by [`message!`](crate::message).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    id: Cow<'static, str>,
    arguments: Vec<(&'static str, String)>,
}

impl Message {
    /// Creates a message whose id is composed at run time and therefore not checked. Use [`message!`](crate::message)
    /// or [`MessageId`] if the id is a literal.
    pub fn new(id: impl Into<Cow<'static, str>>, arguments: &[(&'static str, &str)]) -> Self {
        let arguments = arguments.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
        Message { id: id.into(), arguments }
    }

    /// For [`message!`](crate::message).
    #[doc(hidden)]
    pub const fn checked(id: &'static str, arguments: Vec<(&'static str, String)>) -> Self {
        Message { id: Cow::Borrowed(id), arguments }
    }

    /// Returns the text in a language.
    pub fn text(&self, lang: Lang) -> String {
        t(lang, &self.id, &self.arguments())
    }

    /// Returns the hint of the message: message `<id>-hint` with the same arguments, if it exists.
    pub fn hint(&self, lang: Lang) -> Option<String> {
        let id = format!("{}-hint", self.id);
        has(lang, &id, None).then(|| t(lang, &id, &self.arguments()))
    }

    fn arguments(&self) -> Vec<(&str, &str)> {
        self.arguments.iter().map(|(name, value)| (*name, value.as_str())).collect()
    }
}

/// The id of a message, for code that chooses between messages and adds the arguments later. Created by
/// [`message_id!`](crate::message_id).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageId(&'static str);

impl MessageId {
    /// For [`message_id!`](crate::message_id).
    #[doc(hidden)]
    pub const fn checked(id: &'static str) -> Self {
        MessageId(id)
    }

    /// Returns the message with its arguments, which `message_id!` has named.
    pub fn with(self, arguments: &[(&'static str, &str)]) -> Message {
        Message::new(self.0, arguments)
    }
}

/// A [`Message`] with this id and these arguments. The values are anything that implements `Display`; `name` is short
/// for `name = name`. An unknown id, an unknown argument and a missing one are compile errors.
///
/// ```
/// use appeal_i18n::{Lang, message};
/// assert!(message!("account-confirm-phone", phone = "+7").text(Lang::En).contains("+7"));
/// ```
///
/// ```compile_fail
/// appeal_i18n::message!("no-such-message");
/// ```
///
/// ```compile_fail
/// appeal_i18n::message!("account-confirm-phone");
/// ```
///
/// ```compile_fail
/// appeal_i18n::message!("account-confirm-phone", phone = 1, unknown = 1);
/// ```
///
/// ```compile_fail
/// appeal_i18n::message!("account-confirm-phone", unknown = 1);
/// ```
#[macro_export]
macro_rules! message {
    ($id:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {{
        // An item rather than a `const` block, because `cargo check` evaluates it.
        const _: () = $crate::check_message($id, &[$(stringify!($name)),*]);
        $crate::Message::checked($id, vec![$((stringify!($name), $crate::argument!($name $(= $value)?))),*])
    }};
}

/// The [`MessageId`] of a message that takes these arguments. Checked as [`message!`](crate::message) does.
#[macro_export]
macro_rules! message_id {
    ($id:literal $(, $name:ident)*) => {{
        const _: () = $crate::check_message($id, &[$(stringify!($name)),*]);
        $crate::MessageId::checked($id)
    }};
}

/// The text of a message in a language: `t!(lang, "id", name = value)`. Checked as [`message!`](crate::message) does.
#[macro_export]
macro_rules! t {
    ($lang:expr, $($message:tt)+) => { $crate::message!($($message)+).text($lang) };
}

/// The text of an argument, for [`message!`](crate::message).
#[doc(hidden)]
#[macro_export]
macro_rules! argument {
    ($name:ident) => {
        $name.to_string()
    };
    ($name:ident = $value:expr) => {
        ($value).to_string()
    };
}

/// Fails at compile time if the catalogues lack the message or its arguments differ.
#[doc(hidden)]
pub const fn check_message(id: &str, given: &[&str]) {
    let Some(wanted) = arguments_of(id) else { panic!("no such message in the catalogues") };
    let mut n = 0;
    while n < given.len() {
        let (mut at, name) = (0, given[n]);
        while at < wanted.len() && order(wanted[at].0, name).is_ne() {
            at += 1;
        }
        assert!(at < wanted.len(), "the message takes no such argument");
        n += 1;
    }
    let mut n = 0;
    while n < wanted.len() {
        let (mut at, name) = (0, wanted[n].0);
        while at < given.len() && order(given[at], name).is_ne() {
            at += 1;
        }
        assert!(at < given.len(), "an argument of the message is missing");
        n += 1;
    }
}

const fn arguments_of(id: &str) -> Option<&'static [(&'static str, bool)]> {
    let (mut low, mut high) = (0, MESSAGES.len());
    while low < high {
        let middle = usize::midpoint(low, high);
        let (found, arguments) = MESSAGES[middle];
        match order(id, found) {
            Ordering::Equal => return Some(arguments),
            Ordering::Greater => low = middle + 1,
            Ordering::Less => high = middle,
        }
    }
    None
}

/// `Ord::cmp`, which is not `const`.
const fn order(one: &str, other: &str) -> Ordering {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let mut n = 0;
    while n < one.len() && n < other.len() {
        if one[n] != other[n] {
            return if one[n] > other[n] { Ordering::Greater } else { Ordering::Less };
        }
        n += 1;
    }
    if one.len() == other.len() {
        Ordering::Equal
    } else if one.len() > other.len() {
        Ordering::Greater
    } else {
        Ordering::Less
    }
}

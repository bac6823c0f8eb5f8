//! Accounts: signing in, the profile and its confirmation, passwords, tokens.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::requests::FileRef;
use appeal_domain::*;

/// A password or a one-time code. `Debug` prints `***`.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Hidden(pub String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Login and password: the first step of signing in.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    pub login: String,
    pub password: Hidden,
    /// How to send the one-time code. Optional if only one way is available.
    pub way: Option<CodeWay>,
    /// A current code of the authenticator. With it, a lock caused by wrong attempts of others does not apply. It is
    /// entered again in the second step.
    pub code: Option<Hidden>,
}

/// A way to receive a one-time code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WayOffered {
    pub way: Word<CodeWay>,
    /// Masked destination of the code; absent for an authenticator.
    pub address: Option<String>,
}

/// The second step of signing in or resetting a password: entering a one-time code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Challenge {
    /// Identifies this sign-in in the following requests.
    pub challenge_id: String,
    /// The available ways. Empty for a password reset, so that it does not reveal who has an account.
    pub ways: Vec<WayOffered>,
    /// The way chosen; absent until one is chosen.
    pub way: Option<Word<CodeWay>>,
    /// When the code expires.
    pub expires_at: Timestamp,
}

/// Chooses how to send the one-time code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChooseWay {
    pub challenge_id: String,
    pub way: CodeWay,
}

/// The one-time code: the second step of signing in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInCode {
    pub challenge_id: String,
    pub code: Hidden,
}

/// Requests a code for resetting a forgotten password.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskReset {
    pub login: String,
    /// `sms` or `email`; by default the first confirmed contact.
    pub way: Option<CodeWay>,
}

/// The code and the new password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    pub challenge_id: String,
    pub code: Hidden,
    pub password: Hidden,
}

/// Changes one's own password.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The current password; not needed if none is set.
    pub old: Option<Hidden>,
    pub new: Hidden,
}

/// The result of setting a password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PasswordSet {
    pub login: String,
    /// Number of sessions ended by the change. Tokens issued for unattended use remain valid.
    pub sessions_ended: u64,
}

/// A new authenticator. The secret is shown only once. The authenticator becomes active when one of its codes is
/// entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NewAuthenticator {
    /// `otpauth://…` URL for an authenticator app.
    pub url: String,
    /// The secret in Base32, for manual entry.
    pub secret: String,
}

/// A code of the authenticator; to switch it off, the password.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AuthenticatorProof {
    pub code: Option<Hidden>,
    pub password: Option<Hidden>,
}

/// Whether signing in requires an authenticator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AuthenticatorState {
    pub totp: bool,
}

/// An organization the person may file for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Organization {
    pub inn: String,
    pub ogrn: Option<String>,
    pub name: String,
    pub address: Option<String>,
}

/// The caller's own account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Profile {
    pub login: String,
    /// Full name: surname, given name, patronymic.
    pub name: String,
    pub role: Word<Role>,
    pub state: Word<AccountState>,
    /// What to do next if the account is not active.
    pub next_step: Option<String>,
    pub snils: Option<String>,
    pub inn: Option<String>,
    pub passport: Option<String>,
    pub email: Option<String>,
    pub email_confirmed: bool,
    pub phone: Option<String>,
    pub phone_confirmed: bool,
    pub preferred: Option<Word<ContactWay>>,
    pub region: Option<String>,
    pub organizations: Vec<Organization>,
    /// Whether a password is set, so that the person can sign in.
    pub password: bool,
    /// Whether signing in requires an authenticator.
    pub totp: bool,
    pub created_at: Timestamp,
}

/// Changes to one's own account. Absent fields stay unchanged; an empty string clears a field.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EditProfile {
    pub name: Option<String>,
    pub snils: Option<String>,
    /// INN of a person: twelve digits.
    pub inn: Option<String>,
    pub passport: Option<String>,
    /// A new e-mail address must be confirmed.
    pub email: Option<String>,
    /// A new phone number must be confirmed, and the account with it.
    pub phone: Option<String>,
    pub preferred: Option<ContactWay>,
    pub region: Option<String>,
}

impl EditProfile {
    /// Checks the values on their own: check digits of requisites, contacts, lengths. The tool checks before it sends,
    /// the platform checks again.
    pub fn check(&self) -> Vec<Finding> {
        use requisites::{Email, Inn, Invalid, Passport, Phone, Snils};
        fn read<T: std::str::FromStr<Err = Invalid>>(
            value: &Option<String>,
            field: &str,
            findings: &mut Vec<Finding>,
        ) -> Option<T> {
            match value.as_deref().filter(|value| !value.trim().is_empty())?.parse() {
                Ok(read) => Some(read),
                Err(invalid) => {
                    findings.push(invalid.finding(field));
                    None
                }
            }
        }
        /// Maximum length of a name or region, in characters.
        const LINE_MAX: usize = 200;
        let mut findings = Vec::new();
        if self.name.as_deref().is_some_and(|name| name.trim().is_empty()) {
            findings.push(Finding::error("name-empty", "name"));
        }
        for (field, value) in [("name", &self.name), ("region", &self.region)] {
            if value.as_deref().is_some_and(|v| v.chars().count() > LINE_MAX || v.contains(char::is_control))
            {
                findings.push(Finding::error("line-form", field).arg("max", LINE_MAX));
            }
        }
        read::<Snils>(&self.snils, "snils", &mut findings);
        if let Some(inn) = read::<Inn>(&self.inn, "inn", &mut findings)
            && inn.is_organization()
        {
            findings.push(Finding::error("inn-person", "inn").arg("given", inn));
        }
        read::<Passport>(&self.passport, "passport", &mut findings);
        read::<Email>(&self.email, "email", &mut findings);
        read::<Phone>(&self.phone, "phone", &mut findings);
        findings
    }

    /// Returns whether the request changes nothing.
    pub fn is_empty(&self) -> bool {
        *self == EditProfile::default()
    }
}

/// Requests a confirmation code for a phone number or an e-mail address; exactly one of the two.
#[skip_serializing_none]
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AskConfirmation {
    pub phone: Option<String>,
    pub email: Option<String>,
}

/// The result of sending a code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CodeSent {
    /// `sms` or `email`.
    pub way: Word<CodeWay>,
    pub address: String,
    /// When the code expires.
    pub expires_at: Timestamp,
}

/// The confirmation code, and optionally a scan of a document.
#[skip_serializing_none]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmAccount {
    pub code: Hidden,
    pub document: Option<FileRef>,
}

/// An access token as its owner sees it, without the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TokenInfo {
    pub id: String,
    pub name: String,
    pub login: String,
    pub scopes: Vec<Word<Scope>>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// Last use, to within five minutes; absent if never used.
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// Whether the token was created by signing in.
    pub session: bool,
    /// Whether this request was made with the token.
    pub current: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_show() {
        let body = SignIn { login: "a".into(), password: Hidden("тайна".into()), way: None, code: None };
        assert!(!format!("{body:?}").contains("тайна"));
        assert_eq!(serde_json::to_value(&body).unwrap()["password"], "тайна");
    }

    #[test]
    fn wrong_requisites_are_found() {
        let some = |text: &str| Some(text.to_owned());
        let edit = EditProfile {
            snils: some("112-233-445 96"),
            inn: some("500100732258"),
            passport: some("12 34"),
            email: some("a@b"),
            phone: some("12"),
            name: some(" "),
            ..EditProfile::default()
        };
        let codes: Vec<&str> = edit.check().iter().map(|f| f.code).collect();
        assert_eq!(
            codes,
            [
                "name-empty",
                "snils-invalid",
                "inn-invalid",
                "passport-invalid",
                "email-invalid",
                "phone-invalid"
            ]
        );
        let edit = EditProfile { inn: some("7707329152"), ..EditProfile::default() };
        assert_eq!(edit.check()[0].code, "inn-person");
        let edit = EditProfile {
            snils: some("11223344595"),
            inn: some("500100732259"),
            passport: some("1234 567890"),
            email: some(""),
            ..EditProfile::default()
        };
        assert_eq!(edit.check(), []);
    }
}

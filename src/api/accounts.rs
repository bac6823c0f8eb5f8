//! Accounts on the wire: signing in, the profile, its confirmation, tokens (P2–P5, P7).

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::requests::FileRef;
use appeal_domain::*;

/// A password or a one-time code: shown as `***` wherever it would be printed.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(transparent)]
pub struct Hidden(pub String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// Login and password: the first step of signing in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    pub login: String,
    pub password: Hidden,
    /// How the one-time code is to come. Where there is but one way it is taken without being named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way: Option<CodeWay>,
}

/// A way in which a one-time code can come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct WayOffered {
    pub way: Word<CodeWay>,
    /// Where the code goes, masked; none for an authenticator.
    pub address: Option<String>,
}

/// What is left to do to sign in, or to set a new password: enter a one-time code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Challenge {
    /// Names this sign-in in the next requests.
    pub challenge_id: String,
    /// The ways there are; empty for a password reset, which does not tell who has an account.
    pub ways: Vec<WayOffered>,
    /// The way that was taken; none until one is chosen.
    pub way: Option<Word<CodeWay>>,
    /// Until when the code can be entered.
    pub expires_at: Timestamp,
}

/// Which way the code is to come.
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

/// Asks for a code with which a forgotten password is replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AskReset {
    pub login: String,
    /// `sms` or `email`; the first confirmed contact unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
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

/// A new password for oneself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePassword {
    /// The present one; not needed where there is none yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub old: Option<Hidden>,
    pub new: Hidden,
}

/// A password was set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct PasswordSet {
    pub login: String,
    /// Sessions that ended with it. Tokens issued for unattended use stay.
    pub sessions_ended: u64,
}

/// A new authenticator, shown this once. It counts when a code of it has been entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NewAuthenticator {
    /// `otpauth://…`, for the application to scan or open.
    pub url: String,
    /// The secret in Base32, for typing.
    pub secret: String,
}

/// A code of the authenticator, or for switching it off the password.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AuthenticatorProof {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Hidden>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<Hidden>,
}

/// Whether an authenticator is asked for when signing in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct AuthenticatorState {
    pub totp: bool,
}

/// An organization a person files for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Organization {
    pub inn: String,
    pub ogrn: Option<String>,
    pub name: String,
    pub address: Option<String>,
}

/// One's own account in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Profile {
    pub login: String,
    /// Full name: surname, given name, patronymic.
    pub name: String,
    pub role: Word<Role>,
    pub state: Word<AccountState>,
    /// What to do next, when the account is not active.
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
    /// A password is set: the person can sign in.
    pub password: bool,
    /// An authenticator is asked for when signing in.
    pub totp: bool,
    pub created_at: Timestamp,
}

/// Changes of one's own account. Absent fields stay, an empty string clears.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EditProfile {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub snils: Option<String>,
    /// Of a person: twelve digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passport: Option<String>,
    /// A new one has to be confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// A new one has to be confirmed, and the account with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub preferred: Option<ContactWay>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

impl EditProfile {
    /// What is wrong with it, by itself: requisites with their check digits, contacts, lengths. The tool asks
    /// before anything is sent, the platform again.
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
        /// Longest name or region, in characters.
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

    /// True where nothing would change.
    pub fn is_empty(&self) -> bool {
        *self == EditProfile::default()
    }
}

/// Asks for a code to a phone or an e-mail; one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AskConfirmation {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

/// A code is on its way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CodeSent {
    /// `sms` or `email`.
    pub way: Word<CodeWay>,
    pub address: String,
    /// Until when it can be entered.
    pub expires_at: Timestamp,
}

/// The code that was sent, and a scan of a document where there is one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmAccount {
    pub code: Hidden,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<FileRef>,
}

/// An access token as its owner sees it: everything but the secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TokenInfo {
    pub id: String,
    pub name: String,
    pub login: String,
    pub scopes: Vec<Word<Scope>>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    /// To within five minutes; none where it never was.
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
    /// Signing in gave it.
    pub session: bool,
    /// It is the one that this was asked with.
    pub current: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_show() {
        let body = SignIn { login: "a".into(), password: Hidden("тайна".into()), way: None };
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

//! Signing in, the account itself, its tokens. What signs in or changes a password is not repeated after a failure
//! that may have had its effect: the platform keeps no answers to it.

use reqwest::Method;

use super::paths::encode;
use super::{Change, Client, Empty, Result};
use appeal_api::*;

impl Client {
    fn unrepeated<T: serde::de::DeserializeOwned + Send + 'static>(
        &self,
        path: &str,
        body: &impl serde::Serialize,
    ) -> Change<T> {
        self.prepare(Method::POST, path, Some(body), &[])
    }

    /// Login and password; gives what is left to do (P3).
    pub fn sign_in(&self, body: &SignIn) -> Change<Received<Challenge>> {
        self.unrepeated("/v1/sign-in", body)
    }

    /// Chooses how the code comes, and has it sent (P3).
    pub fn choose_way(&self, body: &ChooseWay) -> Change<Received<Challenge>> {
        self.unrepeated("/v1/sign-in/way", body)
    }

    /// The code; gives a session (P3).
    pub fn sign_in_code(&self, body: &SignInCode) -> Change<Received<IssuedToken>> {
        self.unrepeated("/v1/sign-in/code", body)
    }

    /// Asks for a code to replace a forgotten password (P3).
    pub fn ask_reset(&self, body: &AskReset) -> Change<Received<Challenge>> {
        self.unrepeated("/v1/password-reset", body)
    }

    /// Replaces a forgotten password (P3).
    pub fn reset_password(&self, body: &ResetPassword) -> Change<Received<PasswordSet>> {
        self.unrepeated("/v1/password-reset/code", body)
    }

    /// One's own account in full (P5).
    pub async fn account(&self) -> Result<Received<Profile>> {
        self.get("/v1/account").await
    }

    /// Changes it (P5).
    pub fn edit_account(&self, edit: &EditProfile) -> Change<Received<Profile>> {
        self.prepare(Method::PATCH, "/v1/account", Some(edit), &[])
    }

    /// Has a code sent to a phone or an e-mail (P4).
    pub fn ask_confirmation(&self, body: &AskConfirmation) -> Change<Received<CodeSent>> {
        self.unrepeated("/v1/account/confirmation", body)
    }

    /// Enters the code (P4).
    pub fn confirm_account(&self, body: &ConfirmAccount) -> Change<Received<Profile>> {
        self.unrepeated("/v1/account/confirmation/code", body)
    }

    /// A new password for oneself.
    pub fn change_password(&self, body: &ChangePassword) -> Change<Received<PasswordSet>> {
        self.unrepeated("/v1/account/password", body)
    }

    /// Makes an authenticator (P3).
    pub fn enable_totp(&self) -> Change<Received<NewAuthenticator>> {
        self.unrepeated("/v1/account/totp", &Empty {})
    }

    /// Enters its first code.
    pub fn confirm_totp(&self, body: &AuthenticatorProof) -> Change<Received<AuthenticatorState>> {
        self.unrepeated("/v1/account/totp/confirm", body)
    }

    /// Switches it off.
    pub fn disable_totp(&self, body: &AuthenticatorProof) -> Change<Received<AuthenticatorState>> {
        self.unrepeated("/v1/account/totp/disable", body)
    }

    /// The tokens of a person; one's own unless a login is given (P7).
    pub async fn tokens(&self, login: Option<&str>) -> Result<Vec<Received<TokenInfo>>> {
        match login {
            Some(login) => self.get(&format!("/v1/tokens?login={}", encode(login))).await,
            None => self.get("/v1/tokens").await,
        }
    }

    /// Revokes a token (P7).
    pub fn revoke_token(&self, id: &str) -> Change<Received<TokenInfo>> {
        self.prepare(Method::DELETE, &format!("/v1/tokens/{}", encode(id)), None::<&Empty>, &[])
    }

    /// Revokes the present token.
    pub fn sign_out(&self) -> Change<Received<TokenInfo>> {
        self.prepare(Method::DELETE, "/v1/tokens/current", None::<&Empty>, &[])
    }
}

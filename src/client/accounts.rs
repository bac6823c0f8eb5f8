//! Signing in, the account itself, its tokens. What signs in or changes a password is not repeated after a failure
//! that may have had its effect: the platform keeps no answers to it.

use reqwest::Method;

use super::appeals::encode;
use super::{Client, Empty, Result};
use appeal_api::*;

impl Client {
    async fn unrepeated<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        body: &impl serde::Serialize,
    ) -> Result<T> {
        self.call(Method::POST, path, Some(body), &[]).await
    }

    /// Login and password; gives what is left to do (P3).
    pub async fn sign_in(&self, body: &SignIn) -> Result<Challenge> {
        self.unrepeated("/v1/sign-in", body).await
    }

    /// Chooses how the code comes, and has it sent (P3).
    pub async fn choose_way(&self, body: &ChooseWay) -> Result<Challenge> {
        self.unrepeated("/v1/sign-in/way", body).await
    }

    /// The code; gives a session (P3).
    pub async fn sign_in_code(&self, body: &SignInCode) -> Result<IssuedToken> {
        self.unrepeated("/v1/sign-in/code", body).await
    }

    /// Asks for a code to replace a forgotten password (P3).
    pub async fn ask_reset(&self, body: &AskReset) -> Result<Challenge> {
        self.unrepeated("/v1/password-reset", body).await
    }

    /// Replaces a forgotten password (P3).
    pub async fn reset_password(&self, body: &ResetPassword) -> Result<PasswordSet> {
        self.unrepeated("/v1/password-reset/code", body).await
    }

    /// One's own account in full (P5).
    pub async fn account(&self) -> Result<Profile> {
        self.get("/v1/account").await
    }

    /// Changes it (P5).
    pub async fn edit_account(&self, edit: &EditProfile) -> Result<Profile> {
        self.call(Method::PATCH, "/v1/account", Some(edit), &[]).await
    }

    /// Has a code sent to a phone or an e-mail (P4).
    pub async fn ask_confirmation(&self, body: &AskConfirmation) -> Result<CodeSent> {
        self.unrepeated("/v1/account/confirmation", body).await
    }

    /// Enters the code (P4).
    pub async fn confirm_account(&self, body: &ConfirmAccount) -> Result<Profile> {
        self.unrepeated("/v1/account/confirmation/code", body).await
    }

    /// A new password for oneself.
    pub async fn change_password(&self, body: &ChangePassword) -> Result<PasswordSet> {
        self.unrepeated("/v1/account/password", body).await
    }

    /// Makes an authenticator (P3).
    pub async fn enable_totp(&self) -> Result<NewAuthenticator> {
        self.unrepeated("/v1/account/totp", &Empty {}).await
    }

    /// Enters its first code.
    pub async fn confirm_totp(&self, body: &AuthenticatorProof) -> Result<AuthenticatorState> {
        self.unrepeated("/v1/account/totp/confirm", body).await
    }

    /// Switches it off.
    pub async fn disable_totp(&self, body: &AuthenticatorProof) -> Result<AuthenticatorState> {
        self.unrepeated("/v1/account/totp/disable", body).await
    }

    /// The tokens of a person; one's own unless a login is given (P7).
    pub async fn tokens(&self, login: Option<&str>) -> Result<Vec<TokenInfo>> {
        match login {
            Some(login) => self.get(&format!("/v1/tokens?login={}", encode(login))).await,
            None => self.get("/v1/tokens").await,
        }
    }

    /// Revokes a token (P7).
    pub async fn revoke_token(&self, id: &str) -> Result<TokenInfo> {
        self.call(Method::DELETE, &format!("/v1/tokens/{}", encode(id)), None::<&Empty>, &[]).await
    }

    /// Revokes the present token.
    pub async fn sign_out(&self) -> Result<TokenInfo> {
        self.call(Method::DELETE, "/v1/tokens/current", None::<&Empty>, &[]).await
    }
}

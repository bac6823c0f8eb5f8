//! Signing in, the account and its tokens. Requests that sign in or change a password are not repeated after a failure
//! that may have had an effect, because the platform does not store their responses.

use reqwest::Method;
use secrecy::ExposeSecret as _;

use super::paths::encode;
use super::{Change, Client, Empty, Fetch};
use appeal_api::*;

impl Client {
    fn unrepeated<T: serde::de::DeserializeOwned + Send + 'static>(
        &self,
        path: &str,
        body: &impl serde::Serialize,
    ) -> Change<T> {
        self.prepare(Method::POST, path, Some(body), &[])
    }

    /// As [`Client::unrepeated`], with the secret of the device.
    fn on_known_device<T: serde::de::DeserializeOwned + Send + 'static>(
        &self,
        path: &str,
        body: &impl serde::Serialize,
    ) -> Change<T> {
        match &self.device {
            Some(device) => self.prepare(Method::POST, path, Some(body), &[(DEVICE, device.expose_secret())]),
            None => self.unrepeated(path, body),
        }
    }

    /// Starts signing in with login and password; returns the next step.
    pub fn sign_in(&self, body: &SignIn) -> Change<Received<Challenge>> {
        self.on_known_device("/v1/sign-in", body)
    }

    /// Chooses the way to receive the code, and has it sent.
    pub fn choose_way(&self, body: &ChooseWay) -> Change<Received<Challenge>> {
        self.unrepeated("/v1/sign-in/way", body)
    }

    /// Enters the code; returns a session.
    pub fn sign_in_code(&self, body: &SignInCode) -> Change<Received<IssuedToken>> {
        self.on_known_device("/v1/sign-in/code", body)
    }

    /// Requests a code for resetting a forgotten password.
    pub fn ask_reset(&self, body: &AskReset) -> Change<Received<Challenge>> {
        self.on_known_device("/v1/password-reset", body)
    }

    /// Resets a forgotten password.
    pub fn reset_password(&self, body: &ResetPassword) -> Change<Received<PasswordSet>> {
        self.on_known_device("/v1/password-reset/code", body)
    }

    /// Returns the caller's account.
    pub fn account(&self) -> Fetch<Received<Profile>> {
        self.get("/v1/account")
    }

    /// Changes the caller's account.
    pub fn edit_account(&self, edit: &EditProfile) -> Change<Received<Profile>> {
        self.prepare(Method::PATCH, "/v1/account", Some(edit), &[])
    }

    /// Requests a confirmation code for a phone number or an e-mail address.
    pub fn ask_confirmation(&self, body: &AskConfirmation) -> Change<Received<CodeSent>> {
        self.unrepeated("/v1/account/confirmation", body)
    }

    /// Confirms the account with a code.
    pub fn confirm_account(&self, body: &ConfirmAccount) -> Change<Received<Profile>> {
        self.unrepeated("/v1/account/confirmation/code", body)
    }

    /// Changes the caller's password.
    pub fn change_password(&self, body: &ChangePassword) -> Change<Received<PasswordSet>> {
        self.unrepeated("/v1/account/password", body)
    }

    /// Creates an authenticator.
    pub fn enable_totp(&self) -> Change<Received<NewAuthenticator>> {
        self.unrepeated("/v1/account/totp", &Empty {})
    }

    /// Activates the authenticator with its first code.
    pub fn confirm_totp(&self, body: &AuthenticatorProof) -> Change<Received<AuthenticatorState>> {
        self.unrepeated("/v1/account/totp/confirm", body)
    }

    /// Switches the authenticator off.
    pub fn disable_totp(&self, body: &AuthenticatorProof) -> Change<Received<AuthenticatorState>> {
        self.unrepeated("/v1/account/totp/disable", body)
    }

    /// Returns the tokens of a person; by default the caller's.
    pub fn tokens(&self, login: Option<&str>) -> Fetch<Vec<Received<TokenInfo>>> {
        match login {
            Some(login) => self.get(&format!("/v1/tokens?login={}", encode(login))),
            None => self.get("/v1/tokens"),
        }
    }

    /// Revokes a token.
    pub fn revoke_token(&self, id: &str) -> Change<Received<TokenInfo>> {
        self.prepare(Method::DELETE, &format!("/v1/tokens/{}", encode(id)), None::<&Empty>, &[])
    }

    /// Revokes the current token.
    pub fn sign_out(&self) -> Change<Received<TokenInfo>> {
        self.prepare(Method::DELETE, "/v1/tokens/current", None::<&Empty>, &[])
    }
}

//! The system keyring, if one responds. It is accessed on a separate thread with a time limit: a locked or half-started
//! keyring must never hang a command.

use secrecy::SecretString;

/// The result of a request to the keyring.
#[derive(Debug)]
pub enum Answer<T> {
    /// The request succeeded.
    Done(T),
    /// No keyring is available, it refuses, or it does not respond in time.
    Silent,
}

/// Disables the keyring when set to `off`: for servers, and for users who prefer the file.
pub const SWITCH: &str = "APPEAL_KEYRING";

/// Whether to try the keyring at all: it is allowed and built in, and on systems that reach it over D-Bus there is a
/// session bus.
pub fn is_there() -> bool {
    let off = std::env::var(SWITCH).is_ok_and(|value| matches!(value.trim(), "off" | "0" | "no" | "false"));
    let bus = cfg!(any(target_os = "macos", windows))
        || std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_some_and(|address| !address.is_empty());
    cfg!(feature = "keyring") && !off && bus
}

#[cfg(feature = "keyring")]
mod system {
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use keyring_core::api::CredentialStoreApi as _;
    use keyring_core::{Entry, Error, Result};
    use secrecy::{ExposeSecret as _, SecretString};

    use super::Answer;

    /// The service name of the entries.
    const SERVICE: &str = "appeal";
    /// Timeout for the keyring; long enough to type a password to unlock it.
    const LIMIT: Duration = Duration::from_secs(20);
    /// Timeout of the check whether a keyring responds at all, made before storing anything.
    const QUICK: Duration = Duration::from_secs(3);

    #[cfg(target_os = "macos")]
    use apple_native_keyring_store::keychain::Store;
    #[cfg(all(unix, not(target_os = "macos")))]
    use dbus_secret_service_keyring_store::Store;
    #[cfg(windows)]
    use windows_native_keyring_store::Store;

    fn ask<T: Send + 'static>(
        place: &str,
        limit: Duration,
        request: impl FnOnce(&Entry) -> Result<T> + Send + 'static,
    ) -> Answer<T> {
        if !super::is_there() {
            return Answer::Silent;
        }
        let (send, answer) = channel();
        let place = place.to_owned();
        let asked = std::thread::Builder::new().name("keyring".into()).spawn(move || {
            let done = Store::new()
                .and_then(|store| store.build(SERVICE, &place, None))
                .and_then(|entry| request(&entry));
            // The caller may have given up.
            let _ = send.send(done);
        });
        match asked.ok().and_then(|_| answer.recv_timeout(limit).ok()) {
            Some(Ok(done)) => Answer::Done(done),
            _ => Answer::Silent,
        }
    }

    pub fn get(place: &str) -> Answer<Option<SecretString>> {
        ask(place, LIMIT, |entry| match entry.get_password() {
            Ok(token) => Ok(Some(SecretString::from(token))),
            Err(Error::NoEntry) => Ok(None),
            Err(error) => Err(error),
        })
    }

    pub fn set(place: &str, token: &SecretString) -> Answer<()> {
        let token = token.clone();
        ask(place, QUICK, move |entry| entry.set_password(token.expose_secret()))
    }

    pub fn forget(place: &str) -> Answer<()> {
        ask(place, LIMIT, |entry| match entry.delete_credential() {
            Ok(()) | Err(Error::NoEntry) => Ok(()),
            Err(error) => Err(error),
        })
    }
}

/// Returns the token for this platform, if the keyring has one.
pub fn get(place: &str) -> Answer<Option<SecretString>> {
    #[cfg(feature = "keyring")]
    return system::get(place);
    #[cfg(not(feature = "keyring"))]
    {
        let _ = place;
        Answer::Silent
    }
}

/// Stores the token for this platform.
pub fn set(place: &str, token: &SecretString) -> Answer<()> {
    #[cfg(feature = "keyring")]
    return system::set(place, token);
    #[cfg(not(feature = "keyring"))]
    {
        let _ = (place, token);
        Answer::Silent
    }
}

/// Deletes the token for this platform.
pub fn forget(place: &str) -> Answer<()> {
    #[cfg(feature = "keyring")]
    return system::forget(place);
    #[cfg(not(feature = "keyring"))]
    {
        let _ = place;
        Answer::Silent
    }
}

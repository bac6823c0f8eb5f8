//! Passwords (P3): argon2id hashes, and rules against weak passwords.
//!
//! Hashing takes time and memory on purpose. Requests are hashed on blocking threads, a few at a time, in memory that is
//! reused: freed blocks of this size stay with the thread that used them, which added up to gigabytes. Requests beyond a
//! short queue are refused.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{LazyLock, Mutex, PoisonError};

use argon2::password_hash::phc::{Output, ParamsString, Salt};
use argon2::password_hash::{Error, Result as HashResult};
use argon2::{
    Algorithm, Argon2, Block, CustomizedPasswordHasher, Params, PasswordHash, PasswordHasher,
    PasswordVerifier as _, Version,
};
use secrecy::{ExposeSecret as _, SecretString};
use tokio::sync::Semaphore;

use crate::fault::{Fault, Result};
use appeal_api::code;
use appeal_domain::Finding;

/// Minimum length of a password, in characters.
pub const PASSWORD_MIN: usize = 10;
/// Maximum length, in characters; longer passwords would only cost time.
pub const PASSWORD_MAX: usize = 256;
/// Maximum number of passwords hashed concurrently: each takes 19 MiB and a core for some tens of milliseconds.
const AT_ONCE: usize = 4;
/// Maximum number of passwords that wait or are being hashed.
const QUEUE: usize = 64;

/// As many as there are cores, because more would only need more memory.
static SLOTS: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    Semaphore::new(cores.min(AT_ONCE))
});
static QUEUED: AtomicUsize = AtomicUsize::new(0);

/// Dummy hash that is checked if there is none, so that the check takes the same time.
static DUMMY: LazyLock<Option<String>> = LazyLock::new(|| password_hash("a dummy password").ok());

/// Memory of earlier computations.
static MEMORY: Mutex<Vec<Vec<Block>>> = Mutex::new(Vec::new());

/// Argon2 in reused memory.
struct Reusing(Argon2<'static>);

impl PasswordHasher<PasswordHash> for Reusing {
    fn hash_password_with_salt(&self, password: &[u8], salt: &[u8]) -> HashResult<PasswordHash> {
        let Reusing(argon2) = self;
        let params = argon2.params();
        let mut memory = MEMORY.lock().unwrap_or_else(PoisonError::into_inner).pop().unwrap_or_default();
        if memory.len() < params.block_count() {
            memory.resize(params.block_count(), Block::default());
        }
        let mut buffer = [0; Output::MAX_LENGTH];
        let length = params.output_len().unwrap_or(Params::DEFAULT_OUTPUT_LEN);
        let out = buffer.get_mut(..length).ok_or(Error::OutputSize)?;
        let done = argon2.hash_password_into_with_memory(password, salt, out, &mut memory);
        MEMORY.lock().unwrap_or_else(PoisonError::into_inner).push(memory);
        done?;
        // The algorithm is always the default one; see `hash_password_customized`.
        Ok(PasswordHash {
            algorithm: Algorithm::default().ident(),
            version: Some(Version::default().into()),
            params: ParamsString::try_from(params)?,
            salt: Some(Salt::new(salt)?),
            hash: Some(Output::new(out)?),
        })
    }
}

impl CustomizedPasswordHasher<PasswordHash> for Reusing {
    type Params = Params;

    fn hash_password_customized(
        &self,
        password: &[u8],
        salt: &[u8],
        algorithm: Option<&str>,
        version: Option<argon2::password_hash::Version>,
        params: Params,
    ) -> HashResult<PasswordHash> {
        let algorithm = algorithm.map(Algorithm::try_from).transpose()?.unwrap_or_default();
        let version = version.map(Version::try_from).transpose()?.unwrap_or_default();
        if (algorithm, version) != (Algorithm::default(), Version::default()) {
            return Err(Error::Algorithm);
        }
        Reusing(Argon2::new(algorithm, version, params)).hash_password_with_salt(password, salt)
    }
}

/// Returns the PHC string of a password, argon2id with a random salt, as stored in `people.password_hash`. Takes tens
/// of milliseconds; use [`hash`] when serving requests.
///
/// # Errors
/// The system provides no random numbers.
pub fn password_hash(password: &str) -> Result<String> {
    let hash = Reusing(Argon2::default())
        .hash_password(password.as_bytes())
        .map_err(|error| Fault::Internal(format!("hashing a password: {error}")))?;
    Ok(hash.to_string())
}

/// Returns whether the password matches the hash. Without a hash, takes the same time and returns false.
fn fits(password: &str, hash: Option<&str>) -> bool {
    let there = hash.is_some();
    let against = hash.or(DUMMY.as_deref()).unwrap_or_default();
    let hasher = Reusing(Argon2::default());
    let right = PasswordHash::new(against)
        .is_ok_and(|hash| hasher.verify_password(password.as_bytes(), &hash).is_ok());
    right && there
}

/// As [`password_hash`], on a blocking thread.
pub async fn hash(place: Place, password: &SecretString) -> Result<String> {
    let password = password.clone();
    aside(place, move || password_hash(password.expose_secret())).await?
}

/// Returns whether the password matches the hash, on a blocking thread. Without a hash, takes the same time and returns
/// false.
pub async fn verify(place: Place, password: &SecretString, hash: Option<String>) -> Result<bool> {
    let password = password.clone();
    aside(place, move || fits(password.expose_secret(), hash.as_deref())).await
}

/// A place in the queue of passwords. Taken before anything is recorded, so that a request that is refused has no effect.
pub struct Place(());

/// Takes a place for somebody who is signed in, and therefore has an allowance of requests. It is never refused.
pub fn signed_in() -> Place {
    QUEUED.fetch_add(1, Ordering::Relaxed);
    Place(())
}

/// Takes a place for anybody.
///
/// # Errors
/// 503: too many passwords are waiting.
pub fn queue() -> Result<Place> {
    let taken = Place(());
    if QUEUED.fetch_add(1, Ordering::Relaxed) < QUEUE {
        return Ok(taken);
    }
    Err(Fault::refuse(503, code::UNAVAILABLE).retry_after(2).into())
}

impl Drop for Place {
    fn drop(&mut self) {
        QUEUED.fetch_sub(1, Ordering::Relaxed);
    }
}

async fn aside<T: Send + 'static>(place: Place, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let slot = SLOTS.acquire().await.map_err(|error| Fault::Internal(error.to_string()))?;
    // The slot ends with the work, even if the request is cancelled.
    let work = move || {
        let held = (slot, place);
        let result = work();
        drop(held);
        result
    };
    tokio::task::spawn_blocking(work).await.map_err(|error| Fault::Internal(error.to_string()))
}

/// The most common passwords. Anything composed of them and digits is refused.
const COMMON: [&str; 22] = [
    "password",
    "passw0rd",
    "p@ssword",
    "p@ssw0rd",
    "parol",
    "пароль",
    "gfhjkm",
    "qwerty",
    "qwertyuiop",
    "qazwsx",
    "1qaz2wsx",
    "йцукен",
    "фывапролдж",
    "asdfghjkl",
    "zxcvbnm",
    "admin",
    "administrator",
    "welcome",
    "letmein",
    "iloveyou",
    "appeal",
    "обращение",
];

/// Returns findings about a new password; empty if it is accepted.
pub fn weaknesses(password: &str, login: &str) -> Vec<Finding> {
    let length = password.chars().count();
    if length < PASSWORD_MIN {
        return vec![Finding::error("password-short", "password").arg("min", PASSWORD_MIN)];
    }
    if length > PASSWORD_MAX {
        return vec![Finding::error("password-long", "password").arg("max", PASSWORD_MAX)];
    }
    if is_trivial(password, login) {
        return vec![Finding::error("password-trivial", "password")];
    }
    Vec::new()
}

fn is_trivial(password: &str, login: &str) -> bool {
    let folded = password.to_lowercase();
    let mut different: Vec<char> = folded.chars().collect();
    different.sort_unstable();
    different.dedup();
    if different.len() < 5 {
        return true;
    }
    // 1234567890, abcdefghij, and their reverse.
    let codes: Vec<i64> = folded.chars().map(|c| i64::from(u32::from(c))).collect();
    let steps: Vec<i64> = codes.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let straight = steps.iter().filter(|step| matches!(step, 1 | -1)).count();
    if straight * 10 >= steps.len() * 8 {
        return true;
    }
    // What is left without common words, the login and everything that is not a letter.
    let login = login.to_lowercase();
    let mut rest = folded;
    for word in COMMON.iter().copied().chain([login.as_str()]).filter(|word| word.chars().count() >= 4) {
        rest = rest.replace(word, "");
    }
    rest.chars().filter(|c| c.is_alphabetic()).count() < 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_fits_its_hash_alone() {
        let hash = password_hash("Сорок сороков 40").unwrap();
        assert!(hash.starts_with("$argon2id$"), "{hash}");
        assert!(fits("Сорок сороков 40", Some(&hash)));
        assert!(!fits("Сорок сороков 41", Some(&hash)));
        assert!(!fits("a dummy password", None));
        assert!(!fits("", Some("")));
        assert_ne!(hash, password_hash("Сорок сороков 40").unwrap(), "each has a salt of its own");
    }

    #[test]
    fn trivial_passwords_are_refused() {
        let code = |password: &str| weaknesses(password, "petrova").first().map(|f| f.code);
        assert_eq!(code("короткий"), Some("password-short"));
        assert_eq!(code(&"длинный9".repeat(40)), Some("password-long"));
        for trivial in [
            "1234567890",
            "0987654321",
            "aaaaaaaaaaaa",
            "abababababab",
            "Password12345",
            "qwerty1234567",
            "petrova-2026",
            "ПАРОЛЬ20262026",
            "abcdefghijkl",
            "2026-11-09 12:30",
        ] {
            assert_eq!(code(trivial), Some("password-trivial"), "{trivial}");
        }
        for good in ["тёплый снег 17", "Korova-na-lugu", "m7Vq!x92-lq", "верблюд в кепке"]
        {
            assert_eq!(code(good), None, "{good}");
        }
    }
}

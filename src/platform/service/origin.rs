//! Where a sign-in comes from, and the locks that its attempts count in (P3). Wrong attempts lock the network that they
//! come from. An account is locked as a whole only for networks and devices on which its owner never signed in, so that
//! strangers cannot lock the owner out.

use std::net::IpAddr;

use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

use crate::fault::Result;
use crate::store::accounts;
use crate::store::db::Tx;
use crate::store::origins;
use appeal_domain::lockout::{Lockout, TRIES};

/// Number of wrong attempts of one network, for all logins, that locks it.
const OF_NETWORK: u32 = 50;
/// Number of wrong attempts for one login, from all unknown networks, that locks it for them.
const OF_STRANGERS: u32 = 25;

/// The origin of a request without authentication.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// Address of the client; absent in the embedded platform.
    pub address: Option<IpAddr>,
    /// Digest of the secret of the device, if the client sent one.
    pub device: Option<String>,
    /// Digest of the token, if the client sent one.
    pub token: Option<String>,
}

impl Origin {
    /// Returns the digest of the network. A client usually has a whole /64 of IPv6.
    pub fn network(&self) -> String {
        let network = match self.address.map(|address| address.to_canonical()) {
            None => String::new(),
            Some(IpAddr::V4(address)) => address.to_string(),
            Some(IpAddr::V6(address)) => hex::encode(&address.octets()[..8]),
        };
        digest(&["network", &network])
    }

    /// Returns how the origin is known to a person.
    pub async fn known(&self, tx: &mut Tx, person_id: Option<&str>, now: Timestamp) -> Result<Known> {
        let Some(person_id) = person_id else { return Ok(Known::Never) };
        if let Some(digest) = &self.device
            && let Some(id) = origins::device(tx, person_id, digest).await?
        {
            return Ok(Known::Device(id));
        }
        if let Some(digest) = &self.token
            && let Some(id) = origins::session(tx, person_id, digest, now).await?
        {
            return Ok(Known::Session(id));
        }
        if origins::is_known_network(tx, person_id, &self.network()).await? {
            return Ok(Known::Network);
        }
        Ok(Known::Never)
    }

    /// Records a completed sign-in. `fresh` is the digest of a secret for a device that has none; returns whether it was
    /// used.
    pub async fn remember(&self, tx: &mut Tx, person_id: &str, fresh: &str, now: Timestamp) -> Result<bool> {
        origins::keep_network(tx, person_id, &self.network(), now).await?;
        if let Known::Device(id) = self.known(tx, Some(person_id), now).await? {
            origins::use_device(tx, &id, now).await?;
            return Ok(false);
        }
        origins::add_device(tx, person_id, fresh, now).await?;
        Ok(true)
    }
}

/// How an origin is known to a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// By a device with this id.
    Device(String),
    /// By a valid session with this id.
    Session(String),
    /// By its network only.
    Network,
    /// Not at all.
    Never,
}

/// What is being guessed. Each has its own locks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guess {
    Password,
    /// A code that was sent for signing in.
    Code,
    /// A code of the authenticator.
    Authenticator,
    /// A code for resetting the password.
    Reset,
}

impl Guess {
    const fn as_str(self) -> &'static str {
        match self {
            Guess::Password => "password",
            Guess::Code => "code",
            Guess::Authenticator => "authenticator",
            Guess::Reset => "reset",
        }
    }
}

/// Returns the digest of a login. Logins are not stored, because the typed text may be a password.
pub fn digest_of_login(login: &str) -> String {
    digest(&["login", login])
}

fn digest(parts: &[&str]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part.as_bytes());
    }
    hex::encode(hash.finalize())
}

/// The locks an attempt counts in: their keys, and the numbers of wrong attempts that lock them. The first one is for
/// this login and this origin alone.
#[derive(Debug, Clone)]
pub struct Locks(Vec<(String, u32)>);

impl Locks {
    /// Returns the locks for an attempt; `login` is the digest of the login.
    pub fn of(guess: Guess, login: &str, known: &Known, origin: &Origin) -> Locks {
        let what = guess.as_str();
        let network = origin.network();
        let own = |by: &str, id: &str| (digest(&[what, login, by, id]), TRIES);
        let mut locks = match known {
            Known::Device(id) => vec![own("device", id)],
            Known::Session(id) => vec![own("session", id)],
            Known::Network | Known::Never => vec![own("network", &network)],
        };
        if *known == Known::Never {
            locks.push((digest(&[what, login, "strangers"]), OF_STRANGERS));
        }
        // The other guesses come from somebody who knows the password of this login, and not from strangers who share the
        // network.
        let shared = matches!(guess, Guess::Password | Guess::Reset);
        if shared && origin.address.is_some() && matches!(known, Known::Network | Known::Never) {
            locks.push((network, OF_NETWORK));
        }
        Locks(locks)
    }

    /// Counts an attempt that is about to be made. Returns until when it locks, if it is wrong and the last one.
    ///
    /// The inner error is the end of a lock.
    pub async fn admit(
        &self,
        tx: &mut Tx,
        now: Timestamp,
    ) -> Result<std::result::Result<Option<Timestamp>, Timestamp>> {
        let mut counted = Vec::with_capacity(self.0.len());
        let mut refused: Option<Timestamp> = None;
        for (key, tries) in &self.0 {
            let mut lock = accounts::lockout(tx, key).await?;
            match lock.admit(now, *tries) {
                Ok(()) => counted.push((key, lock)),
                Err(until) => refused = refused.max(Some(until)),
            }
        }
        if let Some(until) = refused {
            return Ok(Err(until));
        }
        let mut until = None;
        for (key, lock) in counted {
            until = until.max(lock.locked_until);
            accounts::keep_lockout(tx, key, &lock).await?;
        }
        Ok(Ok(until))
    }

    /// Returns the end of a lock, without counting an attempt.
    pub async fn locked(&self, tx: &mut Tx, now: Timestamp) -> Result<Option<Timestamp>> {
        let mut until = None;
        for (key, _) in &self.0 {
            until = until.max(accounts::lockout(tx, key).await?.locked_until.filter(|until| now < *until));
        }
        Ok(until)
    }

    /// Gives back a correct attempt that does not complete the sign-in.
    pub async fn give_back(&self, tx: &mut Tx) -> Result<()> {
        self.relieve(tx, 1).await
    }

    /// Resets the own lock after a completed sign-in, and takes some attempts off the others. Those are not reset,
    /// because a stranger with an account could reset them at any time.
    pub async fn clear(&self, tx: &mut Tx) -> Result<()> {
        self.relieve(tx, TRIES).await?;
        if let Some((own, _)) = self.0.first() {
            accounts::keep_lockout(tx, own, &Lockout::default()).await?;
        }
        Ok(())
    }

    async fn relieve(&self, tx: &mut Tx, attempts: u32) -> Result<()> {
        for (key, _) in &self.0 {
            let mut lock = accounts::lockout(tx, key).await?;
            lock.give_back(attempts);
            accounts::keep_lockout(tx, key, &lock).await?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_is_a_whole_64() {
        let network =
            |address: &str| Origin { address: Some(address.parse().unwrap()), ..Origin::default() }.network();
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:2"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("192.0.2.7"), network("::ffff:192.0.2.7"));
        assert_ne!(network("192.0.2.7"), network("192.0.2.8"));
        assert_ne!(network("192.0.2.7"), Origin::default().network());
    }
}

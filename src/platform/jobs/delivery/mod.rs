//! Delivery of messages (N4): claims what is due, carries it out of the platform, records how it went. Each channel
//! has attempts of its own going, so that a gateway that stands still holds up nobody else. The order is claim and
//! commit, carry, record and commit: nothing goes out inside a transaction, and what is cut off in the middle goes out
//! again under the same id.

mod files;
mod hooks;
mod mail;

use std::time::Duration;

use jiff::Timestamp;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::app::App;
use crate::fault::Result;
use crate::gateways::Gateways;
use crate::store::outbox::{self, Claimed, Outcome, Wanted};
use appeal_domain::MessageChannel;

/// Channels that lead outside.
const OUTSIDE: [MessageChannel; 3] = [MessageChannel::Email, MessageChannel::Sms, MessageChannel::Push];
/// Attempts of a channel that go on at once.
const AT_ONCE: usize = 8;
/// Attempts at one webhook that go on at once.
const AT_ONE_URL: usize = 2;
/// Files are written so many after one claim.
const FILES_AT_ONCE: usize = 200;
/// How long an attempt may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// A claim is renewed this often while its attempt goes on; well within [`outbox::LEASE`].
const RENEW_EVERY: Duration = Duration::from_secs(4);
/// Other processes put messages into the outbox too, and nothing tells of them.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// After a commit others follow: they are looked at together.
const GATHER: Duration = Duration::from_millis(20);
/// How long a server that stops waits for the attempts under way.
const LAST_WAIT: Duration = Duration::from_secs(10);

/// What carries messages out.
struct Carriers {
    gateways: Gateways,
    mail: mail::Mailer,
    hooks: hooks::Hooks,
}

impl Carriers {
    fn new(gateways: &Gateways) -> Carriers {
        // The first caller sets it; a provider that is already there serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Carriers { mail: mail::Mailer::new(gateways), hooks: hooks::Hooks::new(), gateways: gateways.clone() }
    }

    /// Whether a channel only writes files.
    fn writes_files(&self, channel: MessageChannel) -> bool {
        let gateway = match channel {
            MessageChannel::Email => &self.gateways.smtp,
            MessageChannel::Sms => &self.gateways.sms,
            MessageChannel::Push | MessageChannel::Account => &None,
        };
        gateway.as_deref().is_some_and(|g| Gateways::folder(g).is_some())
    }

    async fn carry(&self, message: &Claimed, now: Timestamp) -> Outcome {
        match message.channel {
            MessageChannel::Email => self.mail.send(message, now).await,
            MessageChannel::Sms => self.hooks.text(&self.gateways, message).await,
            MessageChannel::Push => self.hooks.push(message, now).await,
            MessageChannel::Account => Outcome::Delivered("in the account".to_owned()),
        }
    }
}

/// The attempts that go on.
struct Post {
    app: App,
    carriers: std::sync::Arc<Carriers>,
    going: JoinSet<(MessageChannel, String)>,
    /// Channel and address of each.
    busy: Vec<(MessageChannel, String)>,
    patience: Duration,
}

impl Post {
    fn new(app: &App, patience: Duration) -> Post {
        let carriers = std::sync::Arc::new(Carriers::new(app.gateways()));
        Post { app: app.clone(), carriers, going: JoinSet::new(), busy: Vec::new(), patience }
    }

    /// Begins what is due, as far as there is room for it; gives when to look again at the latest.
    async fn begin_due(&mut self, codes: bool) -> Result<Option<Timestamp>> {
        let mut next: Option<Timestamp> = None;
        for channel in OUTSIDE {
            while self.app.gateways().reach(channel) {
                let room = self.room(channel);
                let now = self.app.now();
                let due = self.app.read(async |tx| outbox::next_due(tx, channel).await).await?;
                if due.is_none_or(|due| due > now) {
                    next = next.into_iter().chain(due).min();
                    break;
                }
                if room == 0 || self.claim(channel, room, codes).await? == 0 {
                    break;
                }
            }
        }
        Ok(next)
    }

    fn room(&self, channel: MessageChannel) -> usize {
        let most = if self.carriers.writes_files(channel) { FILES_AT_ONCE } else { AT_ONCE };
        most.saturating_sub(self.busy.iter().filter(|(c, _)| *c == channel).count())
    }

    async fn claim(&mut self, channel: MessageChannel, room: usize, codes: bool) -> Result<usize> {
        let mut without: Vec<String> = Vec::new();
        if channel == MessageChannel::Push {
            for (_, address) in self.busy.iter().filter(|(c, _)| *c == channel) {
                let many = self.busy.iter().filter(|(c, a)| *c == channel && a == address).count();
                if many >= AT_ONE_URL && !without.contains(address) {
                    without.push(address.clone());
                }
            }
        }
        let per_address = if channel == MessageChannel::Push { AT_ONE_URL } else { usize::MAX };
        let wanted = Wanted { channel, codes, without, limit: room, per_address };
        let now = self.app.now();
        let claimed = self
            .app
            .db()
            .write(move |tx| {
                let wanted = wanted.clone();
                Box::pin(async move { outbox::claim(tx, &wanted, now).await })
            })
            .await?;
        let count = claimed.len();
        for message in claimed {
            self.busy.push((channel, message.address.clone()));
            let (app, carriers, patience) = (self.app.clone(), self.carriers.clone(), self.patience);
            self.going.spawn(async move {
                let at = (message.channel, message.address.clone());
                attempt(&app, &carriers, message, patience).await;
                at
            });
        }
        Ok(count)
    }

    /// Waits until an attempt has ended, and counts off all that have; false where none goes on.
    async fn ended(&mut self) -> bool {
        let mut next = self.going.join_next().await;
        let any = next.is_some();
        while let Some(ended) = next {
            match ended {
                Ok(at) => {
                    if let Some(index) = self.busy.iter().position(|b| *b == at) {
                        self.busy.swap_remove(index);
                    }
                }
                // Its claim runs out by itself. Which one it was is not told.
                Err(error) => tracing::error!(%error, "an attempt to deliver a message broke off"),
            }
            next = self.going.try_join_next();
        }
        if self.going.is_empty() {
            self.busy.clear();
        }
        any
    }
}

/// One attempt, from the claim to the record.
async fn attempt(app: &App, carriers: &Carriers, message: Claimed, patience: Duration) {
    let now = app.now();
    let carrying = tokio::time::timeout(patience, carriers.carry(&message, now));
    let outcome = tokio::select! {
        outcome = carrying => outcome.unwrap_or_else(|_| {
            Outcome::Unknown(format!("no answer within {} s", patience.as_secs()))
        }),
        never = keep(app, &message) => match never {},
    };
    if let Outcome::Later { detail, .. } | Outcome::Refused(detail) | Outcome::Unknown(detail) = &outcome {
        tracing::warn!(id = message.id, channel = %message.channel, attempt = message.attempt, detail, "not delivered");
    }
    let (at, jitter) = (app.now(), rand::random::<f64>());
    let id = message.id.clone();
    let recorded = app
        .db()
        .write(move |tx| {
            let (message, outcome) = (message.clone(), outcome.clone());
            Box::pin(async move { outbox::record(tx, &message, &outcome, at, jitter).await })
        })
        .await;
    if let Err(fault) = recorded {
        // The claim runs out, and the message goes out again.
        tracing::error!(id, error = %fault, "the outcome of a delivery is not recorded");
    }
}

/// Keeps the claim while the attempt goes on.
async fn keep(app: &App, message: &Claimed) -> std::convert::Infallible {
    loop {
        tokio::time::sleep(RENEW_EVERY).await;
        let (id, attempt, now) = (message.id.clone(), message.attempt, app.now());
        let kept = app
            .db()
            .write(move |tx| {
                let id = id.clone();
                Box::pin(async move { outbox::renew(tx, &id, attempt, now).await })
            })
            .await;
        if let Err(fault) = kept {
            tracing::warn!(id = message.id, error = %fault, "a claim is not renewed");
        }
    }
}

/// Delivers what is due as it comes, until told to stop.
pub async fn run(app: &App, stop: &CancellationToken) {
    let mut post = Post::new(app, PATIENCE);
    let mut commits = app.db().commits();
    while !stop.is_cancelled() {
        let next = match post.begin_due(false).await {
            Ok(next) => next,
            Err(fault) => {
                tracing::error!(error = %fault, "the outbox cannot be read");
                None
            }
        };
        let wait = next
            .and_then(|at| Duration::try_from(at.duration_since(app.now())).ok())
            .map_or(LOOK_EVERY, |wait| wait.clamp(GATHER, LOOK_EVERY));
        tokio::select! {
            () = stop.cancelled() => break,
            true = post.ended() => {}
            Ok(()) = commits.changed() => tokio::time::sleep(GATHER).await,
            () = tokio::time::sleep(wait) => {}
        }
    }
    let _ = tokio::time::timeout(LAST_WAIT, async { while post.ended().await {} }).await;
}

/// Delivers what is due now, with this much patience for each attempt; `codes` delivers one-time codes alone.
pub async fn run_once(app: &App, codes: bool, patience: Duration) -> Result<()> {
    if codes {
        let now = app.now();
        if !app.read(async |tx| outbox::codes_wait(tx, now).await).await? {
            return Ok(());
        }
    }
    let mut waits = false;
    for channel in OUTSIDE.into_iter().filter(|c| app.gateways().reach(*c)) {
        let (due, now) = (app.read(async |tx| outbox::next_due(tx, channel).await).await?, app.now());
        waits |= due.is_some_and(|due| due <= now);
    }
    if !waits {
        return Ok(());
    }
    let mut post = Post::new(app, patience);
    loop {
        post.begin_due(codes).await?;
        if !post.ended().await {
            return Ok(());
        }
        // Many at once: looking after each for more would cost more than what is found.
        while post.ended().await {}
    }
}

/// Fails what waits in vain for a gateway that nobody has set up.
pub async fn give_up(app: &App, now: Timestamp) -> Result<()> {
    for channel in OUTSIDE.into_iter().filter(|c| !app.gateways().reach(*c)) {
        let due = app.read(async |tx| outbox::next_due(tx, channel).await).await?;
        if due.is_some_and(|due| due <= now) {
            app.db()
                .write(move |tx| Box::pin(async move { outbox::give_up(tx, channel, now).await }))
                .await?;
        }
    }
    Ok(())
}

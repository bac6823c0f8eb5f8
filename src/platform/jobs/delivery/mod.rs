//! Delivery of messages (N4): claims due messages, sends them, and records the outcome. Each channel has its own
//! concurrent attempts, so that a stalled gateway does not block the others. The order is: claim and commit; send;
//! record and commit. Nothing is sent inside a transaction, and an interrupted message is sent again with the same id.

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
use crate::health;
use crate::store::outbox::{self, Claimed, Outcome, Wanted};
use appeal_domain::MessageChannel;

/// Channels that leave the platform.
const OUTSIDE: [MessageChannel; 3] = [MessageChannel::Email, MessageChannel::Sms, MessageChannel::Push];
/// Concurrent attempts per channel.
const AT_ONCE: usize = 8;
/// Concurrent attempts per webhook.
const AT_ONE_URL: usize = 2;
/// Number of files written per claim.
const FILES_AT_ONCE: usize = 200;
/// Timeout of an attempt.
const PATIENCE: Duration = Duration::from_secs(30);
/// Interval for renewing the claim of a running attempt; well within [`outbox::LEASE`].
const RENEW_EVERY: Duration = Duration::from_secs(4);
/// Polling interval, because other processes also add messages to the outbox without notifying this one.
const LOOK_EVERY: Duration = Duration::from_secs(5);
/// Commits often come in groups; wait this long to handle them together.
const GATHER: Duration = Duration::from_millis(20);
/// How long a stopping server waits for running attempts.
const LAST_WAIT: Duration = Duration::from_secs(10);

/// The senders of messages.
struct Carriers {
    gateways: Gateways,
    mail: mail::Mailer,
    hooks: hooks::Hooks,
}

impl Carriers {
    fn new(gateways: &Gateways) -> Carriers {
        // Only the first call sets it; an existing provider works as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        Carriers { mail: mail::Mailer::new(gateways), hooks: hooks::Hooks::new(), gateways: gateways.clone() }
    }

    /// Returns whether a channel only writes files.
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
            MessageChannel::Push => self.hooks.push(&self.gateways.webhooks, message, now).await,
            MessageChannel::Account => Outcome::Delivered("in the account".to_owned()),
        }
    }
}

/// The running attempts.
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

    /// Starts due messages as capacity allows; returns when to look again at the latest.
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

    /// Waits until an attempt has ended, and removes all that have; returns false if none is running.
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
                // Its claim expires by itself; which message it was is not known here.
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

/// One attempt, from the claim to the recorded outcome.
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
        // The claim expires, and the message is sent again.
        tracing::error!(id, error = %fault, "the outcome of a delivery is not recorded");
    }
}

/// Renews the claim while the attempt is running.
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

/// Delivers messages as they become due, until stopped.
pub async fn run(app: &App, stop: &CancellationToken) {
    let mut post = Post::new(app, PATIENCE);
    let mut commits = app.db().commits();
    while !stop.is_cancelled() {
        let round = post.begin_due(false).await;
        if let Err(fault) = &round {
            tracing::error!(error = %fault, "the outbox cannot be read");
        }
        let next = round.as_ref().ok().copied().flatten();
        app.health().report(health::DELIVERY, round.map(drop));
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

/// Delivers messages that are due now, with the given timeout for each attempt; `codes` delivers one-time codes only.
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
        // Waits for all of them: looking for more messages after each one would cost more than it finds.
        while post.ended().await {}
    }
}

/// Fails messages that wait for a gateway that is not configured.
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

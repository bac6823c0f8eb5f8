//! On whose behalf an appeal is filed: its applicant's own, or, by an operator, a person's.

use appeal_api::{Appeal, NewAppeal, Received, RegisterAppeal};
use appeal_client::{Change, Client};
use appeal_domain::Channel;
use appeal_i18n::{MessageId, message_id};

/// Who files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sender {
    /// The applicant.
    Applicant,
    /// An operator, on behalf of this login, for an appeal received by this channel.
    Operator {
        /// Login of the applicant.
        applicant: String,
        /// How it came.
        channel: Channel,
    },
}

impl Sender {
    /// Drafts are kept by those whose appeal it is.
    pub fn may_draft(&self) -> bool {
        *self == Sender::Applicant
    }

    /// The contacts of the person who is signed in are those of the appeal.
    pub fn is_applicant(&self) -> bool {
        *self == Sender::Applicant
    }

    /// The message of success.
    pub fn done(&self) -> MessageId {
        match self {
            Sender::Applicant => message_id!("done-create", number),
            Sender::Operator { .. } => message_id!("done-registered", number),
        }
    }

    /// The command.
    pub fn command(&self) -> &'static str {
        match self {
            Sender::Applicant => "create",
            Sender::Operator { .. } => "operator register",
        }
    }

    /// The path that it is sent to, and the whole request.
    pub fn planned(&self, appeal: &NewAppeal) -> (&'static str, serde_json::Value) {
        match self.registration(appeal.clone()) {
            Ok(registration) => ("/v1/registrations", serde_json::to_value(registration).unwrap_or_default()),
            Err(appeal) => ("/v1/appeals", serde_json::to_value(appeal).unwrap_or_default()),
        }
    }

    fn registration(&self, appeal: NewAppeal) -> Result<RegisterAppeal, Box<NewAppeal>> {
        match self {
            Sender::Applicant => Err(Box::new(appeal)),
            Sender::Operator { applicant, channel } => {
                Ok(RegisterAppeal { applicant: applicant.clone(), channel: *channel, appeal })
            }
        }
    }

    /// The change that files it.
    pub fn file(&self, client: &Client, appeal: NewAppeal, key: &str) -> Change<Received<Appeal>> {
        match self.registration(appeal) {
            Ok(registration) => client.register(&registration, key),
            Err(appeal) => client.create(&appeal, key),
        }
    }
}

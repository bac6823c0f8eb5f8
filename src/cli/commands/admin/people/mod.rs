//! `appeal admin people`: accounts, and blocking them.

mod block;
mod unblock;

pub use block::BLOCK;

use super::data;
use appeal_domain::DataKind;

commands! {
    /// What can be done to people.
    pub enum People {
        #[command(flatten)]
        Data(data::Data, DataKind::People),
        /// Block an account, revoking its access immediately
        Block(block::Args),
        /// Unblock an account
        Unblock(unblock::Args),
    }
}

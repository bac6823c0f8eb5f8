//! `appeal admin people`: the records of people, and blocking them.

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
        /// Block an account: it loses access at once
        Block(block::Args),
        /// Give a blocked account its access back
        Unblock(unblock::Args),
    }
}

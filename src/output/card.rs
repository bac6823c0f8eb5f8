//! The card of an appeal, and what is said of one that was just changed.

use super::{APPEAL_SHAPE, CHANGED_SHAPE, Format, Output, Result, to_value};
use crate::api::Appeal;

impl Output {
    /// Prints an appeal: the card for people, or as [`Output::one`].
    ///
    /// # Errors
    /// Stdout cannot be written; an unknown column.
    pub fn appeal(&mut self, appeal: &Appeal) -> Result<()> {
        self.one(appeal, &APPEAL_SHAPE)
    }

    /// Prints what a command has made of an appeal; `done` is the message of what was done, for stderr.
    ///
    /// # Errors
    /// Stdout cannot be written; an unknown column.
    pub fn changed(&mut self, appeal: &Appeal, done: &str) -> Result<()> {
        if self.format == Format::Table {
            self.note(done, &[("number", &appeal.number)]);
        }
        let value = to_value(appeal)?;
        self.one(&value, &CHANGED_SHAPE)
    }
}

//! Findings as results on stdout: a row each.

use super::{Cell, Column, Output, Result, Shape};
use appeal_api::ApiFinding;

/// A finding.
pub const FINDING_SHAPE: Shape = Shape {
    columns: &[
        Column::new("severity", Cell::Word("severity")),
        Column::new("place", Cell::Text),
        Column::new("message", Cell::Text),
        Column::new("remedy", Cell::Text),
    ],
    more: &[Column::new("code", Cell::Text), Column::new("field", Cell::Text), Column::new("at", Cell::Text)],
    key: "code",
};

impl Output {
    /// Prints findings. Outside JSON a row also has `place`: the field, and where in it.
    ///
    /// # Errors
    /// Stdout cannot be written; an unknown column.
    pub fn print_findings(&mut self, findings: &[ApiFinding]) -> Result<()> {
        let bare = self.is_json();
        let mut list = self.list(&FINDING_SHAPE);
        for finding in findings {
            if bare {
                list.push(finding)?;
                continue;
            }
            let mut row = serde_json::to_value(finding).unwrap_or_default();
            row["place"] = match &finding.at {
                Some(at) if finding.field == "attach" => at.clone(),
                Some(at) => format!("{} {at}", finding.field),
                None => finding.field.clone(),
            }
            .into();
            list.push(&row)?;
        }
        list.finish()
    }
}

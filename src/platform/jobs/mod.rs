//! Time-driven work.

use crate::platform::fault::Result;
use crate::platform::http::state::App;

/// Does what time has made due.
pub async fn run_due(_app: &App) -> Result<()> {
    Ok(())
}

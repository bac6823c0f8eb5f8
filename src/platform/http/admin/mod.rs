//! Administration (O4): the platform's own data, its journal, its state, backups.

mod archives;
mod data;

use super::routing::{Routes, handlers};

/// Routes of administration.
pub fn routes(routes: Routes) -> Routes {
    handlers! { routes;
        [data::admin_log]
        [data::admin_status]
        [archives::backup]
        [archives::export]
        [archives::import]
        [archives::backup_verified]
        [data::list_data, data::load_data]
        [data::show_data]
        [data::block_person]
        [data::unblock_person]
    }
}

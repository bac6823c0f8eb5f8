//! Administration (O4): the platform's own data, its journal, its state, backups.

mod data;

use super::routing::{Routes, handlers};

/// Routes of administration.
pub fn routes(routes: Routes) -> Routes {
    handlers! { routes;
        [data::admin_log]
        [data::admin_status]
        [data::list_data, data::load_data]
        [data::show_data]
        [data::block_person]
        [data::unblock_person]
    }
}

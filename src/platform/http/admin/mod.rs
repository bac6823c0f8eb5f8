//! Administration: the platform's own data, its journal, its state, backups.

mod archives;
mod data;

use super::access::ADMIN;
use super::routing::{Routes, routes};

/// Routes of administration.
pub fn routes(routes: Routes) -> Routes {
    routes! { routes;
        data::admin_log: ADMIN,
        data::admin_status: ADMIN,
        archives::backup: ADMIN.heavy(),
        archives::export: ADMIN.heavy(),
        archives::import: ADMIN.heavy(),
        archives::backup_verified: ADMIN,
        data::list_data: ADMIN,
        data::load_data: ADMIN,
        data::show_data: ADMIN,
        data::block_person: ADMIN,
        data::unblock_person: ADMIN,
    }
}

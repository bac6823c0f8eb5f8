//! Appeals: filing, reading, and all moves.

mod authority;
mod bulk;
mod files;
mod filing;
mod moves;
mod pdf;
mod reading;
mod sharing;

use super::access::{ANY_TOKEN, Access, FILE, FILE_OR_OPERATE, READ};
use super::routing::{Routes, routes};
use appeal_domain::Role;

const OPERATOR: Access = Access::operates(&[Role::Operator], "forbidden-operator");
const REGISTRAR: Access = Access::operates(&[Role::Operator], "forbidden-register");
const SUPERVISOR: Access = Access::operates(&[Role::Supervisor], "forbidden-supervisor");
const REVIEWER: Access = Access::operates(&[Role::Supervisor], "forbidden-reviewer");
const AUTHORITY: Access = Access::operates(&[Role::Operator, Role::Supervisor], "forbidden-authority");

/// Routes under `/v1/appeals`.
pub fn routes(routes: Routes) -> Routes {
    routes! { routes;
        reading::list_appeals: READ,
        filing::create_appeal: FILE,
        reading::show_appeal: READ,
        filing::edit_appeal: FILE,
        filing::discard_draft: FILE,
        // Lines are refused individually.
        bulk::file_many: ANY_TOKEN,
        filing::submit_draft: FILE,
        moves::comment: FILE_OR_OPERATE,
        moves::reply: FILE,
        moves::cancel: FILE,
        moves::confirm: FILE,
        moves::close: FILE,
        moves::repeat: FILE,
        moves::escalate: FILE,
        moves::rate: FILE,
        moves::take: OPERATOR,
        moves::review: OPERATOR,
        moves::assign: OPERATOR,
        moves::ask: AUTHORITY,
        moves::redirect: OPERATOR,
        moves::answer: OPERATOR,
        moves::refuse: OPERATOR,
        moves::uphold: SUPERVISOR,
        moves::change: SUPERVISOR,
        moves::return_to_work: SUPERVISOR,
        authority::involve: OPERATOR,
        authority::extend: OPERATOR,
        authority::merge: OPERATOR,
        authority::classify: OPERATOR,
        authority::similar: READ,
        authority::register_appeal: REGISTRAR,
        authority::revise_decision: REVIEWER,
        reading::show_journal: READ,
        reading::list_appeal_versions: READ,
        sharing::list_participants: READ,
        sharing::share_appeal: FILE,
        sharing::unshare_appeal: FILE,
        files::list_files: READ,
        files::attach_files: FILE,
        files::download_file: READ,
        files::remove_file: FILE,
        files::list_versions: READ,
        files::restore_version: FILE,
        pdf::card_pdf: READ.heavy(),
        pdf::answer_pdf: READ.heavy(),
    }
}

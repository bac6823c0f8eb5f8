//! Appeals: filing, reading, and everything that is done to one.

mod authority;
mod bulk;
mod files;
mod filing;
mod moves;
mod paper;
mod reading;

use super::routing::{Routes, handlers};

/// Routes under `/v1/appeals`.
pub fn routes(routes: Routes) -> Routes {
    handlers! { routes;
        [reading::list_appeals, filing::create_appeal]
        [reading::show_appeal, filing::edit_appeal, filing::discard_draft]
        [bulk::file_many]
        [filing::submit_draft]
        [moves::comment]
        [moves::reply]
        [moves::cancel]
        [moves::confirm]
        [moves::close]
        [moves::repeat]
        [moves::escalate]
        [moves::rate]
        [moves::take]
        [moves::review]
        [moves::assign]
        [moves::ask]
        [moves::redirect]
        [moves::answer]
        [moves::refuse]
        [moves::uphold]
        [moves::change]
        [moves::return_to_work]
        [authority::involve]
        [authority::extend]
        [authority::merge]
        [authority::classify]
        [authority::similar]
        [authority::register_appeal]
        [reading::show_journal]
        [files::list_files, files::attach_files]
        [files::download_file, files::remove_file]
        [files::list_versions]
        [files::restore_version]
        [paper::card_pdf]
        [paper::answer_pdf]
    }
}

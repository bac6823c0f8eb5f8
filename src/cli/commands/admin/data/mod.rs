//! `load`, `list` and `show` for each kind of platform data.

mod list;
mod load;
pub mod loaded;
mod read;
pub mod shapes;
mod show;

use appeal_domain::DataKind;

commands! {
    /// What can be done to data of a kind.
    pub enum Data(kind: DataKind) {
        /// Load records from a file, updating existing ones and adding the rest
        Load(load::Args, kind),
        /// List the records
        #[command(after_long_help = "Example:\n  appeal admin departments list -o json > departments.json")]
        List(list::Args, kind),
        /// Show one record in the format used for loading
        #[command(after_long_help = "Example:\n  appeal admin departments show housing -o json")]
        Show(show::Args, kind),
    }
}

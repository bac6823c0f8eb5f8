//! `appeal region`.

mod list;
mod show;

group! {
    #[command(
        long_about = "Browse the regions that the platform knows. An appeal may name its region by the code, by the \
                      name, by a usual short form or by the main city.",
        after_long_help = "Examples:\n  appeal region list\n  appeal region show 54\n  appeal region show 'Новосибирская обл.'"
    )]

    /// List the regions with their codes
    List(list::Args),
    /// Show the region that a name stands for
    Show(show::Args),
}

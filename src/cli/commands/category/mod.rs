//! `appeal category`.

mod list;
mod show;

group! {
    #[command(
        long_about = "The categories of appeals, a tree: what each is for, and the fields and documents it asks for.",
        after_long_help = "Examples:\n  appeal category list\n  appeal category show housing.repairs"
    )]

    /// List the categories, each below the one it belongs to
    List(list::Args),
    /// Show a category with the fields and documents it asks for
    Show(show::Args),
}

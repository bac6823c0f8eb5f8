//! `appeal category`.

mod list;
mod show;

group! {
    #[command(
        long_about = "Browse the tree of appeal categories: what each is for, and the fields and documents it requires.",
        after_long_help = "Examples:\n  appeal category list\n  appeal category show housing.repairs"
    )]

    /// List the category tree
    List(list::Args),
    /// Show a category with its required fields and documents
    Show(show::Args),
}

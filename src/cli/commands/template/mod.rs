//! `appeal template`.

mod list;
mod show;

group! {
    #[command(
        long_about = "Browse templates of typical appeals. Start an appeal from one with `appeal create --template ID \
                      --field NAME=VALUE`.",
        after_long_help = "Examples:\n  appeal template list\n  appeal template show no-heating"
    )]

    /// List the templates
    List(list::Args),
    /// Show a template with its placeholders
    Show(show::Args),
}

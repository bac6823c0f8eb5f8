//! `appeal report`: numbers on what was filed.

mod summary;

group! {
    #[command(
        long_about = "Numbers on the appeals filed in a period. Analysts and administrators see everything, operators \
                      their departments, supervisors what was escalated to their levels.",
        after_long_help = "Example:\n  appeal report summary --by department --chart november.html"
    )]

    /// Count what was filed, answered, late, solved, and how long it took
    Summary(summary::Args),
}

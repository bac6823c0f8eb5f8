//! `appeal report`: statistics about appeals.

mod summary;

group! {
    #[command(
        long_about = "Report statistics on the appeals filed in a period. Analysts and administrators see everything, \
                      operators their departments, and supervisors the appeals escalated to their levels.",
        after_long_help = "Example:\n  appeal report summary --by department --chart november.html"
    )]

    /// Count appeals filed, answered, overdue and solved, and measure times
    Summary(summary::Args),
}

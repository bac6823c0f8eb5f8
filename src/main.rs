//! Parse, run, exit.

use std::process::ExitCode;

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|what| {
        use std::io::Write;
        // If stderr is closed, writing to it must not panic again.
        let _ = writeln!(std::io::stderr(), "{}", appeal::cli::fault(&what.to_string()));
    }));
    std::panic::catch_unwind(appeal::cli::main).map_or(ExitCode::FAILURE, ExitCode::from)
}

//! The program `headroom`: see `headroom --help`.

use std::process::ExitCode;

fn main() -> ExitCode {
    headroom::programs::run()
}

//! Benchmark of the license figures.
fn main() {}

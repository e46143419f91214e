//! The command line: what can be asked for, and what a run works on.

pub mod args;
pub mod resolve;
#[cfg(test)]
mod tests;

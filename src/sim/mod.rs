//! An embedded AWS for the demo, for drills and for tests.

pub mod scenario;
pub mod world;

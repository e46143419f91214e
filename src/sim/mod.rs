//! An embedded AWS for the demo, for drills and for tests.

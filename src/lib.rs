//! flightdeck: a terminal release cockpit for AWS Lambda.
//!
//! The modules in reading order; ARCHITECTURE.md draws the map.

pub mod app;
pub mod aws;
pub mod cli;
pub mod clock;
pub mod config;
pub mod keys;
pub mod release;
pub mod sim;

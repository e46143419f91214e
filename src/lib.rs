//! flightdeck: a terminal release cockpit for AWS Lambda.
//!
//! The modules in reading order; ARCHITECTURE.md draws the map.

pub mod release;

pub mod config;
pub mod keys;

pub mod app;

pub mod aws;
pub mod clock;
pub mod journal;
pub mod runtime;

pub mod cli;
pub mod terminal;
pub mod ui;

pub mod sim;

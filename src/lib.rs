//! flightdeck: a terminal release cockpit for AWS Lambda.
//!
//! The modules in reading order; ARCHITECTURE.md draws the map.

pub mod release;

pub mod config;
pub mod init;
pub mod keys;

pub mod app;

pub mod aws;
pub mod clock;
pub mod command;
pub mod journal;
pub mod notify;
pub mod probe;
pub mod report;
pub mod runtime;
pub mod text;
pub mod web;

pub mod cli;
pub mod terminal;
pub mod ui;

pub mod sim;

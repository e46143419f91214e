//! The brain: what a release is, what may be done to it, and what the numbers say. Pure: no IO, no clock, no AWS
//! SDK, no screen. Time comes in as an argument.

pub mod candidates;
pub mod carried;
pub mod checklist;
pub mod comparison;
pub mod composite;
pub mod count;
pub mod dora;
pub mod error;
pub mod facts;
pub mod gates;
pub mod hours;
pub mod judge;
pub mod left_alone;
pub mod memory;
pub mod metrics;
pub mod names;
pub mod no_alias;
pub mod notice;
pub mod operation;
pub mod page;
pub mod plan;
pub mod pre_stage;
pub mod preflight;
pub mod record;
pub mod replay;
pub mod resting;
pub mod routing;
pub mod stages;
pub mod story;
pub mod surroundings;
pub mod trace;
pub mod trial;

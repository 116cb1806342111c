//! Headroom: how many licenses of a learning platform are in use, by which part of the
//! organisation, and how to get some back without losing anybody's records.
//!
//! The modules in reading order. `ARCHITECTURE.md` has the map and the invariants.

pub mod clock;
pub mod ids;

pub mod domain;

pub mod db;
#[allow(missing_docs)] // generated
pub mod schema;

pub mod config;
pub mod error;
pub mod web;

pub mod mail;
pub mod people;

pub mod features;

pub mod app;
pub mod routes;

pub mod jobs;

pub mod demo;
pub mod programs;

//! A made-up company to look around in: the same on every first start, but for its dates, which
//! are relative to today. It goes in through the same door as a takeover of real data.

pub mod accounts;
pub mod commands;
mod company;
mod people;

//! Overage: each boundary by name, and random histories against a model that walks hour by hour.

mod boundaries;
mod history;
mod model;
mod properties;
mod root;

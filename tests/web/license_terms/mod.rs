//! The license terms as the program keeps them.

mod looks;
mod renewals;
mod together;
mod year;

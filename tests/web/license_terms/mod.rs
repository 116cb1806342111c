//! The license terms as the program keeps them.

mod renewals;
mod together;
mod year;

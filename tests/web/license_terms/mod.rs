//! The license terms as the program keeps them.

mod looks;
mod together;
mod year;

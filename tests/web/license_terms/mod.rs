//! The license terms as the program keeps them.

mod together;
mod year;

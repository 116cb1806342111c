//! The license terms as the program keeps them.

mod year;

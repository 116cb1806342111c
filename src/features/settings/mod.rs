//! Settings: the current volume of active users, how the administrators navigate, and what holds for the whole
//! instance: time to restore, warnings, the sender of mail, tiers, holidays.

mod commands;
mod forms;
pub mod handlers;
mod holiday_commands;
mod holiday_file;
pub mod holiday_handlers;
mod holiday_pages;
mod pages;
mod queries;
mod tier_commands;
pub mod tier_handlers;
mod tier_pages;

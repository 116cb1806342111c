//! The screens of Import Users.

pub mod answer;
pub mod list;
mod receive;
pub mod restore;
pub mod show;
mod surveying;
pub mod upload;

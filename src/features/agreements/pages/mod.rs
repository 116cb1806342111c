//! License agreements as they are shown.

pub mod overage;
pub mod show;
pub mod terms;
pub mod upgrade;

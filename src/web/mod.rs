//! What all screens share: sessions, guards, the page chrome, error pages, security headers.

pub mod activity;
pub mod assets;
pub mod audit_words;
pub mod banners;
pub mod chart;
pub mod counting;
pub mod cross_site;
pub mod download;
pub mod error_page;
pub mod form;
pub mod format;
pub mod guards;
pub mod headers;
pub mod health;
pub mod list;
pub mod meter;
pub mod notice;
pub mod page;
pub mod pager;
pub mod query;
pub mod request_log;
pub mod selection;
pub mod session;
pub mod standing;
pub mod viewer;
pub mod what_if;

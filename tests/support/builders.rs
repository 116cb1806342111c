//! Organisations, people and enrolments for tests, through plain SQL.

use std::sync::OnceLock;

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use headroom::domain::license_year::LicenseYear;
use headroom::features::sign_in::hashing;
use headroom::schema::{agreements, enrolments, experiences, imports, organisations, role_grants, tiers, users};
use rust_decimal::Decimal;
use uuid::Uuid;

/// The password of everybody who can sign in.
pub const PASSWORD: &str = "correct horse battery";

pub fn date(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

pub fn root(conn: &mut PgConnection, name: &str, limit: Option<i32>) -> Uuid {
    diesel::insert_into(organisations::table)
        .values((
            organisations::name.eq(name),
            organisations::time_zone.eq("Europe/London"),
            organisations::user_limit.eq(limit),
        ))
        .returning(organisations::id)
        .get_result(conn)
        .expect("a root organisation")
}

pub fn child(conn: &mut PgConnection, parent: Uuid, name: &str, limit: Option<i32>) -> Uuid {
    diesel::insert_into(organisations::table)
        .values((
            organisations::name.eq(name),
            organisations::parent_id.eq(parent),
            organisations::user_limit.eq(limit),
        ))
        .returning(organisations::id)
        .get_result(conn)
        .expect("a child organisation")
}

/// So many children, "Unit 1" and so on.
pub fn units(conn: &mut PgConnection, parent: Uuid, count: i32) {
    diesel::sql_query(
        "insert into organisations (parent_id, name) select $1, 'Unit ' || n from generate_series(1, $2) n",
    )
    .bind::<diesel::sql_types::Uuid, _>(parent)
    .bind::<diesel::sql_types::Integer, _>(count)
    .execute(conn)
    .expect("children");
}

pub fn user(conn: &mut PgConnection, home: Option<Uuid>, username: &str) -> Uuid {
    diesel::insert_into(users::table)
        .values((
            users::organisation_id.eq(home),
            users::username.eq(username),
            users::email.eq(format!("{username}@people.example")),
            users::first_name.eq("Test"),
            users::last_name.eq(username),
        ))
        .returning(users::id)
        .get_result(conn)
        .expect("a user")
}

/// With the password [`PASSWORD`] and perhaps a role on an organisation.
pub fn person(conn: &mut PgConnection, home: Option<Uuid>, username: &str, role: Option<(&str, Option<Uuid>)>) -> Uuid {
    let id = user(conn, home, username);
    static HASH: OnceLock<String> = OnceLock::new();
    let hash = HASH.get_or_init(|| hashing::hash(PASSWORD).expect("a hash"));
    diesel::update(users::table.find(id)).set(users::password_hash.eq(hash)).execute(conn).expect("a password");
    if let Some((role, organisation)) = role {
        grant(conn, id, role, organisation);
    }
    id
}

pub fn grant(conn: &mut PgConnection, user: Uuid, role: &str, organisation: Option<Uuid>) {
    diesel::insert_into(role_grants::table)
        .values((
            role_grants::user_id.eq(user),
            role_grants::role.eq(role),
            role_grants::organisation_id.eq(organisation),
        ))
        .execute(conn)
        .expect("a grant");
}

pub fn experience(conn: &mut PgConnection, owner: Uuid, code: &str) -> Uuid {
    diesel::insert_into(experiences::table)
        .values((
            experiences::organisation_id.eq(owner),
            experiences::code.eq(code),
            experiences::title.eq(format!("Learning {code}")),
        ))
        .returning(experiences::id)
        .get_result(conn)
        .expect("a learning experience")
}

pub fn enrol(conn: &mut PgConnection, user: Uuid, experience: Uuid, starts_on: &str, expires_on: Option<&str>) -> Uuid {
    diesel::insert_into(enrolments::table)
        .values((
            enrolments::user_id.eq(user),
            enrolments::experience_id.eq(experience),
            enrolments::starts_on.eq(date(starts_on)),
            enrolments::expires_on.eq(expires_on.map(date)),
        ))
        .returning(enrolments::id)
        .get_result(conn)
        .expect("an enrolment")
}

/// So many people in an organisation, each with one enrolment that never ends.
pub fn active_users(conn: &mut PgConnection, home: Uuid, experience: Uuid, count: i32) {
    diesel::sql_query(
        "with people as (
           insert into users (organisation_id, username, email, first_name, last_name)
           select $1, name, name || '@people.example', 'Active', name
           from generate_series(1, $3) n, lateral (select concat('active-', $1::text, '-', n) as name) named
           returning id)
         insert into enrolments (user_id, experience_id, starts_on) select id, $2, '2020-01-01' from people",
    )
    .bind::<diesel::sql_types::Uuid, _>(home)
    .bind::<diesel::sql_types::Uuid, _>(experience)
    .bind::<diesel::sql_types::Integer, _>(count)
    .execute(conn)
    .expect("active users");
}

/// An import of users that was applied and changed nothing.
pub fn import(conn: &mut PgConnection, organisation: Uuid) -> Uuid {
    let at: DateTime<Utc> = "2026-11-24T10:00:00Z".parse().expect("a time");
    let nothing = serde_json::json!({
        "created": 0, "changed": 0, "deleted": 0, "expired": 0, "protected": 0, "refused": 0, "licenses_freed": 0,
        "records_lost": 0, "restorable_until": null, "expiry_entry": null, "took_ms": 1,
    });
    diesel::insert_into(imports::table)
        .values((
            imports::organisation_id.eq(organisation),
            imports::scope.eq(vec![Some(organisation)]),
            imports::created_at.eq(at),
            imports::file_name.eq("people.csv"),
            imports::file_bytes.eq(1),
            imports::synchronize.eq(false),
            imports::state.eq("applied"),
            imports::applied_at.eq(at),
            imports::result.eq(nothing),
        ))
        .returning(imports::id)
        .get_result(conn)
        .expect("an import")
}

/// Tiers with a limit and a yearly price in pounds.
pub fn tiers<const N: usize>(conn: &mut PgConnection, all: [(&str, i32, i64); N]) -> [Uuid; N] {
    all.map(|(name, limit, price)| {
        diesel::insert_into(tiers::table)
            .values((
                tiers::name.eq(name),
                tiers::user_limit.eq(limit),
                tiers::yearly_price.eq(Decimal::from(price)),
                tiers::currency.eq("GBP"),
            ))
            .returning(tiers::id)
            .get_result(conn)
            .expect("a tier")
    })
}

/// The terms of a license year.
#[derive(Debug, Clone, Copy)]
pub struct Agreed {
    pub starts_on: NaiveDate,
    pub limit: i32,
    pub tier: Option<Uuid>,
    /// With no currency there is no price; else 3,650.00 a year.
    pub currency: Option<&'static str>,
    pub re_uses: i32,
    pub in_force_since: Option<DateTime<Utc>>,
}

impl Agreed {
    /// In force, with a limit of its own.
    pub fn of(starts_on: &str, limit: i32) -> Agreed {
        let starts_on = date(starts_on);
        let in_force_since = Some(starts_on.and_time(chrono::NaiveTime::MIN).and_utc());
        Agreed { starts_on, limit, tier: None, currency: Some("GBP"), re_uses: 3, in_force_since }
    }
}

/// A license year; the root's limit is the test's business.
pub fn agreement(conn: &mut PgConnection, root: Uuid, agreed: Agreed) -> Uuid {
    diesel::insert_into(agreements::table)
        .values((
            agreements::organisation_id.eq(root),
            agreements::tier_id.eq(agreed.tier),
            agreements::starts_on.eq(agreed.starts_on),
            agreements::ends_on.eq(LicenseYear::beginning(agreed.starts_on).ends_on()),
            agreements::re_uses_per_license.eq(agreed.re_uses),
            agreements::user_limit.eq(agreed.limit),
            agreements::yearly_price.eq(agreed.currency.map(|_| Decimal::from(3650))),
            agreements::currency.eq(agreed.currency),
            agreements::in_force_since.eq(agreed.in_force_since),
        ))
        .returning(agreements::id)
        .get_result(conn)
        .expect("an agreement")
}

//! Upgrades and renewals, as sets: agreement, limit, their history and the audit log go together.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use headroom::db::{self, audit::Actor};
use headroom::features::agreements::commands::{Upgrade, Upgraded, begin_due, due, upgrade_many};
use headroom::ids::{OrganisationId, TierId};
use headroom::schema::{agreement_changes, agreements, audit_entries, organisations, user_limit_changes};
use uuid::Uuid;

use crate::support::builders::{self, Agreed, date};
use crate::support::database::{NOW, TestDatabase};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn upgrade(root: Uuid, to: Uuid, when: &str) -> Upgrade {
    let at = at(when);
    Upgrade { root: OrganisationId(root), to: TierId(to), at, on: at.date_naive(), accepted_by: None }
}

fn upgraded(conn: &mut PgConnection, upgrades: &[Upgrade]) -> Vec<Upgraded> {
    db::write(conn, &Actor::Program { address: None }, |conn| upgrade_many(conn, upgrades)).unwrap()
}

fn begun(conn: &mut PgConnection, now: &str) -> usize {
    set_time(conn, now);
    let now = at(now);
    let mut begun = 0;
    while !due(conn, now).unwrap().is_empty() {
        begun += db::write(conn, &Actor::Program { address: None }, |conn| begin_due(conn, now)).unwrap().len();
    }
    begun
}

fn set_time(conn: &mut PgConnection, now: &str) {
    diesel::sql_query("select set_config('headroom.now', $1, false)").bind::<Text, _>(now).execute(conn).unwrap();
}

fn limit(conn: &mut PgConnection, root: Uuid) -> Option<i32> {
    organisations::table.find(root).select(organisations::user_limit).first(conn).unwrap()
}

/// The history of a root's limit: since when, and how many.
fn limits(conn: &mut PgConnection, root: Uuid) -> Vec<(DateTime<Utc>, Option<i32>)> {
    user_limit_changes::table
        .filter(user_limit_changes::organisation_id.eq(root))
        .order((user_limit_changes::changed_at, user_limit_changes::id))
        .select((user_limit_changes::changed_at, user_limit_changes::user_limit))
        .load(conn)
        .unwrap()
}

/// The agreement's tier and limit as they are now.
fn terms(conn: &mut PgConnection, root: Uuid, starts_on: &str) -> (Option<Uuid>, i32) {
    agreements::table
        .filter(agreements::organisation_id.eq(root).and(agreements::starts_on.eq(date(starts_on))))
        .select((agreements::tier_id, agreements::user_limit))
        .first(conn)
        .unwrap()
}

/// What was agreed on: what kind of change, since when, the limit, and the price for the rest of the year.
fn changes(conn: &mut PgConnection, root: Uuid) -> Vec<(String, DateTime<Utc>, i32, Option<String>)> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        kind: String,
        #[diesel(sql_type = Timestamptz)]
        changed_at: DateTime<Utc>,
        #[diesel(sql_type = Integer)]
        user_limit: i32,
        #[diesel(sql_type = Nullable<Text>)]
        price: Option<String>,
    }
    let rows: Vec<Row> = diesel::sql_query(
        "select c.kind, c.changed_at, c.user_limit, c.pro_rata_price::text as price
         from agreement_changes c join agreements a on a.id = c.agreement_id
         where a.organisation_id = $1 order by c.changed_at, c.id",
    )
    .bind::<SqlUuid, _>(root)
    .load(conn)
    .unwrap();
    rows.into_iter().map(|row| (row.kind, row.changed_at, row.user_limit, row.price)).collect()
}

#[test]
fn an_upgrade_changes_agreement_limit_and_their_history_at_its_own_moment() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let [team, business] = builders::tiers(conn, [("Team", 300, 3650), ("Business", 1000, 10950)]);
    let acme = builders::root(conn, "Acme", Some(300));
    let other = builders::root(conn, "Other", Some(300));
    for root in [acme, other] {
        builders::agreement(conn, root, &Agreed { tier: Some(team), ..Agreed::of("2026-01-01", 300) });
    }
    diesel::sql_query("update user_limit_changes set changed_at = '2026-01-01'").execute(conn).unwrap();

    let done = upgraded(conn, &[upgrade(acme, business, "2026-11-20T09:30:00Z")]);
    assert_eq!(done.iter().map(|one| (one.from, one.to)).collect::<Vec<_>>(), [(300, 1000)]);
    // 42 days from 20 November to the end of the year, at 7,300 a year more
    let (amount, currency) = done[0].price.clone().unwrap();
    assert_eq!((amount.to_string(), currency.as_str()), ("840.00".to_owned(), "GBP"));

    assert_eq!(limit(conn, acme), Some(1000));
    assert_eq!(terms(conn, acme, "2026-01-01"), (Some(business), 1000));
    let history = limits(conn, acme);
    assert_eq!(history.last(), Some(&(at("2026-11-20T09:30:00Z"), Some(1000))));
    assert_eq!(history.len(), 2);
    let price = Some("840.00".to_owned());
    assert_eq!(changes(conn, acme), [("upgraded".to_owned(), at("2026-11-20T09:30:00Z"), 1000, price)]);
    let entries: Vec<(String, Option<Uuid>)> =
        audit_entries::table.select((audit_entries::action, audit_entries::organisation_id)).load(conn).unwrap();
    assert_eq!(entries, [("agreement.upgraded".to_owned(), Some(acme))]);

    assert_eq!((limit(conn, other), terms(conn, other, "2026-01-01")), (Some(300), (Some(team), 300)));
}

#[test]
fn several_upgrades_of_one_root_that_are_made_up_for_follow_each_other() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let [team, business, growth] =
        builders::tiers(conn, [("Team", 300, 3650), ("Business", 1000, 10950), ("Growth", 2400, 14600)]);
    let acme = builders::root(conn, "Acme", Some(300));
    builders::agreement(conn, acme, &Agreed { tier: Some(team), ..Agreed::of("2026-01-01", 300) });
    diesel::sql_query("update user_limit_changes set changed_at = '2026-01-01'").execute(conn).unwrap();
    let late = [upgrade(acme, growth, "2026-11-21T09:30:00Z"), upgrade(acme, business, "2026-11-20T09:30:00Z")];
    let done = upgraded(conn, &late);
    assert_eq!(done.iter().map(|one| (one.from, one.to)).collect::<Vec<_>>(), [(300, 1000), (1000, 2400)]);
    assert_eq!(limit(conn, acme), Some(2400));
    let since: Vec<_> = limits(conn, acme).into_iter().map(|(since, limit)| (since.date_naive(), limit)).collect();
    let expected = [("2026-01-01", 300), ("2026-11-20", 1000), ("2026-11-21", 2400)];
    assert_eq!(since, expected.map(|(day, limit)| (date(day), Some(limit))));
}

#[test]
fn an_upgrade_that_is_found_late_leaves_a_limit_that_was_set_since() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let [team, business] = builders::tiers(conn, [("Team", 300, 3650), ("Business", 1000, 10950)]);
    let acme = builders::root(conn, "Acme", Some(300));
    builders::agreement(conn, acme, &Agreed { tier: Some(team), ..Agreed::of("2026-01-01", 300) });
    diesel::update(organisations::table.find(acme)).set(organisations::user_limit.eq(5000)).execute(conn).unwrap();
    upgraded(conn, &[upgrade(acme, business, "2026-11-20T09:30:00Z")]);
    assert_eq!(limit(conn, acme), Some(5000));
    assert_eq!(terms(conn, acme, "2026-01-01"), (None, 5000));
    let kinds: Vec<_> = changes(conn, acme).into_iter().map(|(kind, _, limit, _)| (kind, limit)).collect();
    assert_eq!(kinds, [("upgraded".to_owned(), 1000), ("changed".to_owned(), 5000)]);
}

#[test]
fn a_root_without_a_license_year_on_the_day_is_left_out() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let [_, business] = builders::tiers(conn, [("Team", 300, 3650), ("Business", 1000, 10950)]);
    let acme = builders::root(conn, "Acme", Some(300));
    builders::agreement(conn, acme, &Agreed::of("2025-01-01", 300));
    assert!(upgraded(conn, &[upgrade(acme, business, NOW)]).is_empty());
    assert_eq!(limit(conn, acme), Some(300));
    assert_eq!(audit_entries::table.count().get_result::<i64>(conn).unwrap(), 0);
}

#[test]
fn a_price_in_another_currency_cannot_be_compared() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let [_, business] = builders::tiers(conn, [("Team", 300, 3650), ("Business", 1000, 10950)]);
    let acme = builders::root(conn, "Acme", Some(300));
    builders::agreement(conn, acme, &Agreed { currency: Some("EUR"), ..Agreed::of("2026-01-01", 300) });
    let done = upgraded(conn, &[upgrade(acme, business, NOW)]);
    assert_eq!(done[0].price, None);
    assert_eq!(limit(conn, acme), Some(1000));
}

#[test]
fn a_renewal_begins_when_its_first_day_does_in_its_own_time_zone() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let roots = ["Pacific/Auckland", "Europe/London", "America/New_York"].map(|zone| {
        let root = builders::root(conn, zone, Some(300));
        diesel::update(organisations::table.find(root)).set(organisations::time_zone.eq(zone)).execute(conn).unwrap();
        builders::agreement(conn, root, &Agreed::of("2026-01-01", 300));
        builders::agreement(conn, root, &Agreed { in_force_since: None, ..Agreed::of("2027-01-01", 500) });
        root
    });
    let [auckland, london, new_york] = roots;
    assert_eq!(begun(conn, "2026-12-31T10:59:59Z"), 0);
    assert_eq!(begun(conn, "2026-12-31T11:00:00Z"), 1);
    assert_eq!(roots.map(|root| limit(conn, root)), [Some(500), Some(300), Some(300)]);
    assert_eq!(begun(conn, "2026-12-31T11:00:10Z"), 0);
    // found late: with the moment that it should have had
    assert_eq!(begun(conn, "2027-01-01T08:00:00Z"), 2);
    assert_eq!(limits(conn, new_york).last(), Some(&(at("2027-01-01T05:00:00Z"), Some(500))));
    assert_eq!(limits(conn, london).last(), Some(&(at("2027-01-01T00:00:00Z"), Some(500))));
    let in_force: Vec<Option<DateTime<Utc>>> = agreements::table
        .filter(agreements::organisation_id.eq(auckland))
        .order(agreements::starts_on)
        .select(agreements::in_force_since)
        .load(conn)
        .unwrap();
    assert_eq!(in_force[1], Some(at("2026-12-31T11:00:00Z")));
    let kinds: Vec<String> = agreement_changes::table.select(agreement_changes::kind).load(conn).unwrap();
    assert_eq!(kinds, ["begun", "begun", "begun"]);
    let entries: i64 =
        audit_entries::table.filter(audit_entries::action.eq("agreement.begun")).count().get_result(conn).unwrap();
    assert_eq!(entries, 3);
}

#[test]
fn two_years_that_were_missed_begin_one_after_the_other() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let acme = builders::root(conn, "Acme", Some(300));
    diesel::sql_query("update user_limit_changes set changed_at = '2024-01-01'").execute(conn).unwrap();
    builders::agreement(conn, acme, &Agreed::of("2024-01-01", 300));
    builders::agreement(conn, acme, &Agreed { in_force_since: None, ..Agreed::of("2025-01-01", 500) });
    builders::agreement(conn, acme, &Agreed { in_force_since: None, ..Agreed::of("2026-01-01", 400) });
    assert_eq!(begun(conn, NOW), 2);
    let since: Vec<_> = limits(conn, acme).into_iter().map(|(since, limit)| (since.date_naive(), limit)).collect();
    let expected = [("2024-01-01", 300), ("2025-01-01", 500), ("2026-01-01", 400)];
    assert_eq!(since, expected.map(|(day, limit)| (date(day), Some(limit))));
    assert_eq!(limit(conn, acme), Some(400));
}

#[test]
fn a_limit_that_is_set_otherwise_changes_the_agreement_in_force_and_no_coming_one() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let acme = builders::root(conn, "Acme", Some(300));
    builders::agreement(conn, acme, &Agreed::of("2026-01-01", 300));
    builders::agreement(conn, acme, &Agreed { in_force_since: None, ..Agreed::of("2027-01-01", 500) });
    // the first day of the new year has come, and nobody has looked yet
    set_time(conn, "2027-01-01T00:00:01Z");
    diesel::update(organisations::table.find(acme)).set(organisations::user_limit.eq(350)).execute(conn).unwrap();
    assert_eq!(terms(conn, acme, "2027-01-01").1, 500);
    assert!(changes(conn, acme).is_empty());
}

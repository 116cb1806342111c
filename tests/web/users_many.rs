//! The list of thousands of users: its pages are read along an index as far as that goes, and are the same as
//! if everybody were sorted.

use diesel::prelude::*;
use diesel::sql_types::{Text, Uuid as SqlUuid};
use headroom::schema::organisations;
use uuid::Uuid;

use crate::support::app::{Page, TestApp, Visitor};
use crate::support::builders;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    username: String,
}

/// 1,500 people "Early" at the beginning of the table, 4,000 "Middle", and 2,500 "Zoe" behind more others than an index
/// is followed. A third never signed in, and the others did at one of seven times.
fn app() -> TestApp {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", None);
    let east = builders::child(conn, root, "East", None);
    diesel::sql_query(
        "insert into users (organisation_id, username, email, first_name, last_name, last_signed_in_at)
         select case when n % 3 = 0 then $1 else $2 end, 'u' || n, 'm' || (997 * n % 8009) || '@people.example',
           case when n <= 1500 then 'Early' when n <= 5500 then 'Middle' else 'Zoe' end, 'Number ' || n % 10,
           case when n % 3 > 0 then '2026-01-01'::timestamptz + (n % 7) * interval '1 day' end
         from generate_series(1, 8000) n",
    )
    .bind::<SqlUuid, _>(root)
    .bind::<SqlUuid, _>(east)
    .execute(conn)
    .expect("users");
    builders::person(conn, Some(root), "admin", Some(("org_admin", Some(root))));
    app
}

fn usernames(page: &Page) -> Vec<String> {
    page.texts("tbody th small").into_iter().map(|text| text.split(',').next().unwrap_or_default().to_owned()).collect()
}

/// The whole list, sorted without the program.
fn sorted(conn: &mut PgConnection, condition: &str, column: &str, order: &str) -> Vec<Row> {
    diesel::sql_query(format!(
        "select u.id, u.username from users u join organisations o on o.id = u.organisation_id
         where {condition} order by {} {order}, u.id {order}",
        if column == "place" {
            format!("o.name collate natural_order {order}, o.id {order}, u.name")
        } else {
            column.to_owned()
        }
    ))
    .load(conn)
    .expect("users")
}

/// The first page, and those after and before some rows, are as the whole list says.
fn compare(visitor: &Visitor<'_>, query: &str, all: &[Row]) {
    let ask = |page: &str| usernames(&visitor.page(&format!("/users?{query}&page={page}")));
    let names = |from: usize, to: usize| -> Vec<String> {
        all[from..to.min(all.len())].iter().map(|row| row.username.clone()).collect()
    };
    assert_eq!(ask("1"), names(0, 20), "{query}: the first page");
    for at in [19, 1_200, all.len() - 12] {
        let id = all[at].id;
        assert_eq!(ask(&format!("70.after.{id}")), names(at + 1, at + 21), "{query}: after row {at}");
        assert_eq!(ask(&format!("70.before.{id}")), names(at.saturating_sub(20), at), "{query}: before row {at}");
    }
}

#[test]
fn pages_of_thousands_are_as_if_everybody_were_sorted() {
    let app = app();
    let conn = &mut app.conn();
    let admin = app.signed_in("admin");
    let east: Uuid = organisations::table
        .filter(organisations::name.eq("East"))
        .select(organisations::id)
        .first(conn)
        .expect("East");
    let in_east = format!("organisation={east}");
    let filters = [
        (in_east.as_str(), "o.name = 'East'"),
        ("q=zoe", "u.first_name = 'Zoe'"),
        ("q=middle", "u.first_name = 'Middle'"),
        ("q=early", "u.first_name = 'Early'"),
        ("signed_in=never", "u.last_signed_in_at is null and u.username <> 'admin'"),
        (
            "signed_in=30&q=number",
            "coalesce(u.last_signed_in_at, '-infinity') < '2026-10-01' and u.username <> 'admin'",
        ),
        ("status=inactive&q=number", "u.username <> 'admin'"),
    ];
    for (filter, condition) in filters {
        for (sort, column) in [
            ("name", "u.name"),
            ("username", "u.username"),
            ("email", "u.email"),
            ("organisation", "place"),
            ("last_sign_in", "coalesce(u.last_signed_in_at, '-infinity')"),
        ] {
            for order in ["asc", "desc"] {
                let all = sorted(conn, condition, column, order);
                compare(&admin, &format!("{filter}&sort={sort}&order={order}"), &all);
            }
        }
    }
}

#[test]
fn who_is_frequent_at_the_beginning_only_is_counted_to_the_end() {
    let app = app();
    let admin = app.signed_in("admin");
    let range = |query: &str| admin.page(&format!("/users?{query}")).text(".picked strong");
    assert_eq!(range("q=early"), "0 of 1,500 selected");
    assert_eq!(range("q=middle"), "0 of more than 2,000 selected");
    assert_eq!(range("q=zoe"), "0 of more than 2,000 selected");
    assert_eq!(range("q=zoe+u79"), "0 of 100 selected");
}

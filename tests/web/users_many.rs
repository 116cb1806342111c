//! The list of thousands of users: its pages are read along an index as far as that goes, and are the same as
//! if everybody were sorted.

use diesel::prelude::*;
use diesel::sql_types::{Text, Uuid as SqlUuid};
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

struct Place {
    app: TestApp,
    east: Uuid,
    north: Uuid,
}

/// 1,500 people "Early" at the beginning of the table, 4,000 "Middle", and 6,500 "Zoe" behind more others than an index
/// is followed. A third of all is in East, which has a user manager, a third in North's 260 units. Many never signed
/// in, and the others did at one of seven times. Some are active, and one in five has an account that has expired.
fn place() -> Place {
    let app = TestApp::start();
    let conn = &mut app.conn();
    let root = builders::root(conn, "Acme", None);
    let east = builders::child(conn, root, "East", None);
    let north = builders::child(conn, root, "North", None);
    builders::units(conn, north, 260);
    let experience = builders::experience(conn, root, "LX");
    diesel::sql_query(
        "insert into users (organisation_id, username, email, first_name, last_name, last_signed_in_at, expires_on)
         select case n % 3 when 0 then $1 when 1 then $2 else units.ids[1 + n % 260] end,
           'u' || n, 'm' || (997 * n % 12007) || '@people.example',
           case when n <= 1500 then 'Early' when n <= 5500 then 'Middle' else 'Zoe' end, 'Number ' || n % 10,
           case when n % 8 > 2 then '2026-01-01'::timestamptz + (n % 7) * interval '1 day' end,
           case when n % 5 = 0 then '2026-05-01'::date end
         from generate_series(1, 12000) n, (select array_agg(id) as ids from organisations where parent_id = $3) units",
    )
    .bind::<SqlUuid, _>(root)
    .bind::<SqlUuid, _>(east)
    .bind::<SqlUuid, _>(north)
    .execute(conn)
    .expect("users");
    diesel::sql_query(
        "insert into enrolments (user_id, experience_id, starts_on)
         select id, $1, '2020-01-01' from users where substr(username, 2)::integer % 11 < 5",
    )
    .bind::<SqlUuid, _>(experience)
    .execute(conn)
    .expect("enrolments");
    builders::person(conn, Some(root), "admin", Some(("org_admin", Some(root))));
    builders::person(conn, Some(east), "manager", Some(("user_manager", Some(east))));
    Place { app, east, north }
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
    for at in [19, all.len() / 2, all.len() - 12] {
        let id = all[at].id;
        assert_eq!(ask(&format!("70.after.{id}")), names(at + 1, at + 21), "{query}: after row {at}");
        assert_eq!(ask(&format!("70.before.{id}")), names(at.saturating_sub(20), at), "{query}: before row {at}");
    }
}

/// What a list can be sorted by, with the column.
const SORTS: [(&str, &str); 5] = [
    ("name", "u.name"),
    ("organisation", "place"),
    ("last_sign_in", "coalesce(u.last_signed_in_at, '-infinity')"),
    ("username", "u.username"),
    ("email", "u.email"),
];

fn compare_orders(app: &TestApp, visitor: &Visitor<'_>, filter: &str, condition: &str, sorts: &[(&str, &str)]) {
    let conn = &mut app.conn();
    for (sort, column) in sorts {
        for order in ["asc", "desc"] {
            let all = sorted(conn, condition, column, order);
            compare(visitor, &format!("{filter}&sort={sort}&order={order}"), &all);
        }
    }
}

const ACTIVE: &str = "u.expires_on is null and exists (select from enrolments e where e.user_id = u.id)";
const INACTIVE: &str = "u.expires_on is null and not exists (select from enrolments e where e.user_id = u.id)";
const NEVER: &str = "coalesce(u.last_signed_in_at, '-infinity') = '-infinity'";

#[test]
fn pages_of_thousands_are_as_if_everybody_were_sorted() {
    let place = place();
    let in_east = format!("organisation={}", place.east);
    let filters = [
        (in_east.as_str(), "o.name = 'East'"),
        ("q=zoe", "u.first_name = 'Zoe'"),
        ("q=middle", "u.first_name = 'Middle'"),
        ("q=early", "u.first_name = 'Early'"),
        ("signed_in=never&q=number", &format!("{NEVER} and u.last_name like 'Number%'")),
        ("status=active&q=zoe", &format!("{ACTIVE} and u.first_name = 'Zoe'")),
        ("signed_in=30&q=number", "u.last_name like 'Number%'"),
        ("status=inactive&q=number", &format!("{INACTIVE} and u.last_name like 'Number%'")),
    ];
    let admin = place.app.signed_in("admin");
    for (filter, condition) in filters {
        compare_orders(&place.app, &admin, filter, condition, &SORTS);
    }
}

#[test]
fn pages_of_a_part_of_the_tree_are_as_if_everybody_were_sorted() {
    let place = place();
    let (east, north) = (format!("organisation={}", place.east), format!("organisation={}", place.north));
    let units = "o.name like 'Unit %'";
    let (admin, manager) = (&place.app.signed_in("admin"), &place.app.signed_in("manager"));
    let filters = [
        (admin, format!("{east}&status=active&q=number"), format!("o.name = 'East' and {ACTIVE}")),
        (admin, format!("{east}&status=inactive"), format!("o.name = 'East' and {INACTIVE}")),
        (admin, format!("{north}&status=expired"), format!("{units} and u.expires_on is not null")),
        (admin, format!("{north}&q=zoe"), format!("{units} and u.first_name = 'Zoe'")),
        (admin, format!("{north}&q=number"), units.to_owned()),
        (manager, "q=middle".to_owned(), "o.name = 'East' and u.first_name = 'Middle'".to_owned()),
        (manager, "q=number".to_owned(), "o.name = 'East' and u.username <> 'manager'".to_owned()),
        (manager, "status=expired".to_owned(), "o.name = 'East' and u.expires_on is not null".to_owned()),
    ];
    for (visitor, filter, condition) in filters {
        compare_orders(&place.app, visitor, &filter, &condition, &SORTS[..3]);
    }
}

#[test]
fn who_is_frequent_at_the_beginning_only_is_counted_to_the_end() {
    let place = place();
    let admin = place.app.signed_in("admin");
    let range = |query: &str| admin.page(&format!("/users?{query}")).text(".picked strong");
    assert_eq!(range("q=early"), "0 of 1,500 selected");
    assert_eq!(range("q=middle"), "0 of more than 2,000 selected");
    assert_eq!(range("q=zoe"), "0 of more than 2,000 selected");
    // whoever asks is told exactly, and can turn to the last page then
    assert_eq!(admin.page("/users?q=zoe").attributes("caption button[name=count]", "value"), ["all"]);
    let count = "/users?q=zoe&count=all";
    let counted = admin.page(count);
    assert_eq!(counted.text("caption"), "1 to 20 of 6,500");
    assert_eq!(counted.attributes("input[name=count]", "value"), ["all"], "turning pages keeps it");
    let last = admin.page(&format!("{count}&page={}", counted.attributes("button[name=page]", "value").pop().unwrap()));
    assert_eq!(last.text("caption"), "6,481 to 6,500 of 6,500");
    assert_eq!(range("q=zoe+u79"), "0 of 100 selected");
}

//! Deleting and restoring people: together they change nothing, and the license figures stay right.

use std::cell::RefCell;

use chrono::{DateTime, Utc};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Text;
use headroom::db;
use headroom::db::audit::Audited;
use headroom::features::licenses::verify::differences;
use headroom::ids::UserId;
use headroom::jobs::housekeeping::forget_deleted;
use headroom::people::deletion::{self, Deleted, NotDeleted};
use headroom::people::restoring::{self, NotRestored, Restored};
use headroom::people::turns;
use headroom::schema::{audit_changes, users};
use headroom::web::guards::{Allowed, DeleteUsers, SignedIn};
use proptest::prelude::*;
use uuid::Uuid;

use crate::support::builders::{self, date};
use crate::support::database::{TestDatabase, wait_until_blocked};

fn now() -> DateTime<Utc> {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

fn allowed(conn: &mut PgConnection, id: Uuid) -> Allowed<DeleteUsers> {
    let signed_in = SignedIn::for_account(conn, UserId(id), now()).unwrap().unwrap();
    Allowed::new(signed_in).unwrap()
}

fn delete(conn: &mut PgConnection, by: &Allowed<DeleteUsers>, ids: &[UserId]) -> Result<Deleted, NotDeleted> {
    db::write(conn, &by.by().actor(), |conn| deletion::delete_users(conn, by, ids, now(), &|_| {})).unwrap()
}

fn restore(conn: &mut PgConnection, by: &Allowed<DeleteUsers>, ids: &[UserId]) -> Result<Restored, NotRestored> {
    db::write(conn, &by.by().actor(), |conn| restoring::restore_users(conn, by, ids, now())).unwrap()
}

/// Everything that is stored about people, as text.
fn everything(conn: &mut PgConnection) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        row: String,
    }
    let rows: Vec<Row> = diesel::sql_query(
        "select to_jsonb(u)::text as row from users u
         union all select to_jsonb(e)::text from enrolments e
         union all select to_jsonb(g)::text from role_grants g
         union all select to_jsonb(s)::text from license_spans s
         union all select to_jsonb(d)::text from (
           select organisation_id, day, sum(delta) from license_delta group by 1, 2 having sum(delta) <> 0) d
         union all select to_jsonb(c)::text from user_counts c
         order by 1",
    )
    .load(conn)
    .unwrap();
    rows.into_iter().map(|row| row.row).collect()
}

/// People with every kind of value, some of them active.
fn people(conn: &mut PgConnection) -> (Uuid, Vec<UserId>) {
    let root = builders::root(conn, "Acme", Some(10));
    let east = builders::child(conn, root, "East", None);
    let admin = builders::person(conn, Some(root), "admin", Some(("org_admin", Some(root))));
    let experiences = ["A", "B"].map(|code| builders::experience(conn, root, code));
    let mut ids = Vec::new();
    for number in 0..6 {
        let home = if number % 2 == 0 { root } else { east };
        let id = builders::user(conn, Some(home), &format!("user-{number}"));
        for experience in experiences.iter().take(number % 3) {
            builders::enrol(conn, id, *experience, "2026-01-01", (number > 3).then_some("2026-06-30"));
        }
        if number == 5 {
            builders::grant(conn, id, "user_manager", Some(east));
        }
        ids.push(UserId(id));
    }
    conn.batch_execute(
        "update users set language = 'fi', time_zone = 'Europe/Helsinki', job_function = 'Nurse',
           organisation_reference = 'E-17', expires_on = '2027-01-01', password_hash = '$argon2id$x',
           last_signed_in_at = '2026-11-01 10:00:00.123456+00', created_at = '2020-02-29 23:59:59.999999+00'
         where username in ('user-1', 'user-2');
         update enrolments set due_on = '2026-05-01', completed_on = '2026-04-01', result = 'passed', score = 87.50,
           last_accessed_at = '2026-04-01 09:00:00.000001+00'
         where user_id = (select id from users where username = 'user-2');",
    )
    .unwrap();
    (admin, ids)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn restoring_undoes_a_deletion_to_the_last_column(chosen in prop::collection::vec(any::<bool>(), 6)) {
        let database = TestDatabase::new();
        let conn = &mut database.connect();
        let (admin, ids) = people(conn);
        let by = allowed(conn, admin);
        let chosen: Vec<UserId> = ids.iter().zip(chosen).filter(|(_, chosen)| *chosen).map(|(id, _)| *id).collect();
        let before = everything(conn);
        let deleted = delete(conn, &by, &chosen).unwrap();
        prop_assert_eq!(deleted.users, chosen.len() as u64);
        let left: i64 = users::table.filter(users::id.eq_any(&chosen)).count().get_result(conn).unwrap();
        prop_assert_eq!(left, 0);
        prop_assert!(differences(conn, date("2026-11-24")).unwrap().is_empty());
        let restored = restore(conn, &by, &chosen).unwrap();
        prop_assert_eq!((restored.users, restored.enrolments, restored.lost_roles), (deleted.users, deleted.enrolments, 0));
        prop_assert_eq!(everything(conn), before);
        prop_assert!(differences(conn, date("2026-11-24")).unwrap().is_empty());
    }
}

#[test]
fn thousands_go_and_come_back_in_steps_that_are_told() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let (admin, _) = people(conn);
    let by = allowed(conn, admin);
    conn.batch_execute(
        "insert into users (organisation_id, username, email, first_name, last_name)
         select o.id, 'many-' || n, 'many-' || n || '@example.org', 'Many', n::text
         from organisations o, generate_series(1, 12000) n where o.name = 'East';
         insert into enrolments (user_id, experience_id, starts_on, completed_on)
         select u.id, x.id, '2026-01-01', '2026-02-01' from users u, experiences x
         where u.username like 'many-%' and x.code = 'A';",
    )
    .unwrap();
    let chosen: Vec<UserId> = users::table.filter(users::username.like("many-%")).select(users::id).load(conn).unwrap();
    let before = everything(conn);
    let told = RefCell::new(Vec::new());
    let progress = |done: usize| told.borrow_mut().push(done);

    let deleted =
        db::write(conn, &by.by().actor(), |conn| deletion::delete_users(conn, &by, &chosen, now(), &progress));
    let deleted = deleted.unwrap().unwrap();
    assert_eq!((deleted.users, deleted.enrolments, deleted.completion_records), (12_000, 12_000, 12_000));
    assert_eq!(deleted.licenses_freed, 12_000);
    assert_eq!(told.take(), [5_000, 10_000, 12_000]);
    assert!(differences(conn, date("2026-11-24")).unwrap().is_empty());

    let restored = db::write(conn, &by.by().actor(), |conn| {
        let part = restoring::restore_as_part(conn, &by, &chosen, now(), &progress)?;
        Ok(match part {
            Ok((restored, entry)) => Audited::new(Ok(restored), entry),
            Err(refused) => Audited::unchanged(Err(refused)),
        })
    });
    let restored = restored.unwrap().unwrap();
    assert_eq!((restored.users, restored.enrolments, restored.lost_enrolments), (12_000, 12_000, 0));
    assert_eq!(told.take(), [5_000, 10_000, 12_000]);
    assert_eq!(everything(conn), before);
    assert!(differences(conn, date("2026-11-24")).unwrap().is_empty());
}

#[test]
fn deleting_many_counts_what_goes_and_one_who_may_not_be_deleted_saves_them_all() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let (admin, ids) = people(conn);
    let by = allowed(conn, admin);
    let stranger = {
        let globex = builders::root(conn, "Globex", None);
        UserId(builders::user(conn, Some(globex), "stranger"))
    };
    let mighty = UserId(builders::user(conn, None, "mighty"));
    builders::grant(conn, mighty.0, "instance_admin", None);
    let before = everything(conn);
    let refused = |conn: &mut PgConnection, more: UserId| delete(conn, &by, &[&ids[..], &[more]].concat());
    assert_eq!(refused(conn, stranger), Err(NotDeleted::Elsewhere(1)));
    assert_eq!(refused(conn, UserId(Uuid::now_v7())), Err(NotDeleted::Elsewhere(1)));
    assert_eq!(refused(conn, UserId(admin)), Err(NotDeleted::Yourself));
    assert_eq!(everything(conn), before);

    let deleted = delete(conn, &by, &[&ids[..], &ids[..]].concat()).unwrap();
    assert_eq!((deleted.users, deleted.enrolments, deleted.completion_records, deleted.roles), (6, 6, 2, 1));
    assert_eq!(deleted.licenses_freed, 2, "whose enrolments have not ended");
    assert_eq!(deleted.restorable_until, Some("2026-12-01T12:00:00Z".parse().unwrap()));
}

#[test]
fn the_entry_of_a_deletion_has_what_went_by_person() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let (admin, ids) = people(conn);
    let by = allowed(conn, admin);
    delete(conn, &by, &[ids[2], ids[5]]).unwrap();
    let went = |conn: &mut PgConnection, id: UserId, kind: &str| -> Vec<serde_json::Value> {
        let of = audit_changes::table.filter(audit_changes::person_id.eq(id.0)).filter(audit_changes::after.is_null());
        let of = of.filter(audit_changes::subject_kind.eq(kind)).select(audit_changes::before.assume_not_null());
        of.order(audit_changes::subject_id).load(conn).unwrap()
    };
    let records = went(conn, ids[2], "enrolment");
    assert_eq!(records.len(), 2);
    assert_eq!((&records[0]["completed_on"], &records[0]["score"]), (&"2026-04-01".into(), &87.5.into()));
    assert_eq!(went(conn, ids[2], "user").len(), 1);
    let roles = went(conn, ids[5], "role");
    assert_eq!((roles.len(), &roles[0]["role"]), (1, &"user_manager".into()));
    // and goes with them
    forget_deleted(conn, now() + chrono::Duration::days(7)).unwrap();
    assert_eq!(audit_changes::table.count().get_result::<i64>(conn), Ok(0));
}

#[test]
fn deleting_somebody_without_roles_does_not_wait_for_the_instance_admins() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let (admin, ids) = people(conn);
    let by = allowed(conn, admin);
    let mighty = builders::user(conn, None, "mighty");
    builders::grant(conn, mighty, "instance_admin", None);
    let mut other = database.connect();
    other.batch_execute("begin; select from role_grants where role = 'instance_admin' for update").unwrap();
    conn.batch_execute("set lock_timeout to '200ms'").unwrap();
    assert_eq!(delete(conn, &by, &ids[..1]).map(|deleted| deleted.users), Ok(1));
}

#[test]
fn a_username_that_is_taken_during_the_restoration_is_a_conflict() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let (admin, ids) = people(conn);
    let by = allowed(conn, admin);
    delete(conn, &by, &ids[..1]).unwrap();
    let mut other = database.connect();
    other.batch_execute("begin").unwrap();
    builders::user(&mut other, None, "User-0");
    let restoring = std::thread::spawn({
        let (mut conn, by, id) = (database.connect(), by.clone(), ids[0]);
        move || restore(&mut conn, &by, &[id]).unwrap_err()
    });
    wait_until_blocked(conn);
    other.batch_execute("commit").unwrap();
    let NotRestored::Conflicts(conflicts) = restoring.join().unwrap() else { panic!("another refusal") };
    assert!(conflicts[0].username_taken);
}

#[test]
fn two_people_with_the_same_username_are_not_restored_together() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let (admin, ids) = people(conn);
    let by = allowed(conn, admin);
    delete(conn, &by, &ids[..1]).unwrap();
    let home: Option<Uuid> = users::table.find(admin).select(users::organisation_id).first(conn).unwrap();
    let again = UserId(builders::user(conn, home, "User-0"));
    delete(conn, &by, &[again]).unwrap();
    let refused = restore(conn, &by, &[ids[0], again]).unwrap_err();
    let NotRestored::Conflicts(conflicts) = refused else { panic!("another refusal") };
    assert_eq!(conflicts.len(), 2);
    assert!(conflicts.iter().all(|conflict| conflict.username_taken && !conflict.organisation_gone));
    restore(conn, &by, &[again]).unwrap();
}

#[test]
fn the_audit_log_gives_up_only_people_who_are_gone_for_good() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let (admin, ids) = people(conn);
    let by = allowed(conn, admin);
    delete(conn, &by, &ids[..2]).unwrap();
    let about = |id: UserId| audit_changes::table.filter(audit_changes::person_id.eq(id));
    for id in &ids[..2] {
        assert!(diesel::delete(about(*id)).execute(conn).is_err(), "can still be restored");
    }
    restore(conn, &by, &ids[..1]).unwrap();
    assert_eq!(forget_deleted(conn, now()).unwrap(), 0);
    assert_eq!(forget_deleted(conn, now() + chrono::Duration::days(7)).unwrap(), 1);
    assert_eq!(about(ids[1]).count().get_result::<i64>(conn), Ok(0));
    assert_eq!(about(ids[0]).count().get_result::<i64>(conn), Ok(2));
    assert!(diesel::delete(about(ids[0])).execute(conn).is_err(), "is there again");
    assert!(diesel::sql_query("update audit_changes set before = null").execute(conn).is_err());
    assert!(diesel::sql_query("truncate audit_changes").execute(conn).is_err());
}

#[test]
fn a_completion_that_arrives_during_a_deletion_is_in_the_archive() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let (admin, ids) = people(conn);
    let by = allowed(conn, admin);
    let mut learner = database.connect();
    learner.batch_execute("begin").unwrap();
    diesel::sql_query("update enrolments set completed_on = '2026-11-24' where user_id = $1")
        .bind::<diesel::sql_types::Uuid, _>(ids[1].0)
        .execute(&mut learner)
        .unwrap();
    let deleting = std::thread::spawn({
        let (mut conn, by, id) = (database.connect(), by.clone(), ids[1]);
        move || delete(&mut conn, &by, &[id]).unwrap()
    });
    wait_until_blocked(conn);
    learner.batch_execute("commit").unwrap();
    assert_eq!(deleting.join().unwrap().completion_records, 1);
    restore(conn, &by, &[ids[1]]).unwrap();
    let completed: Vec<Option<chrono::NaiveDate>> = headroom::schema::enrolments::table
        .filter(headroom::schema::enrolments::user_id.eq(ids[1]))
        .select(headroom::schema::enrolments::completed_on)
        .load(conn)
        .unwrap();
    assert_eq!(completed, [Some(date("2026-11-24"))]);
}

#[test]
fn the_audit_log_and_the_program_agree_on_what_an_account_is() {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let (_, ids) = people(conn);
    #[derive(QueryableByName)]
    struct Fields {
        #[diesel(sql_type = diesel::sql_types::Jsonb)]
        fields: serde_json::Value,
    }
    let stored: Fields = diesel::sql_query("select account_fields(u) as fields from users u where id = $1")
        .bind::<diesel::sql_types::Uuid, _>(ids[1].0)
        .get_result(conn)
        .unwrap();
    let values: headroom::features::accounts::queries::Values = users::table
        .find(ids[1])
        .select(headroom::features::accounts::queries::Values::as_select())
        .first(conn)
        .unwrap();
    assert_eq!(serde_json::to_value(values).unwrap(), stored.fields);
}

#[test]
fn people_who_are_being_deleted_or_restored_are_locked() {
    let database = TestDatabase::new();
    let (conn, other) = (&mut database.connect(), &mut database.connect());
    let (admin, ids) = people(conn);
    let by = allowed(conn, admin);
    delete(conn, &by, &ids[..1]).unwrap();
    let mut is_free = |table: &str, id: UserId| {
        let key = if table == "users" { "id" } else { "user_id" };
        let statement = format!("select 1 from {table} where {key} = '{id}' for update skip locked");
        diesel::sql_query(statement).execute(other).unwrap() == 1
    };
    conn.begin_test_transaction().unwrap();
    assert!(is_free("users", ids[1]) && is_free("deleted_users", ids[0]));
    turns::of_existence(conn, &ids[1..]).unwrap();
    assert!(!is_free("users", ids[1]) && !is_free("users", ids[5]));
    restoring::lock(conn, &ids[..1]).unwrap();
    assert!(!is_free("deleted_users", ids[0]));
}

//! The audit log.

use diesel::prelude::*;
use headroom::db::audit::{Actor, Audited, Entry};
use headroom::db::{read, write};
use headroom::error::AppError;
use headroom::schema::{audit_entries, instance_settings};

use crate::support::database::TestDatabase;

fn change(conn: &mut PgConnection) -> Result<(), AppError> {
    diesel::update(instance_settings::table).set(instance_settings::restore_window_days.eq(3)).execute(conn)?;
    Ok(())
}

fn entries(conn: &mut PgConnection) -> i64 {
    audit_entries::table.count().get_result(conn).expect("a count")
}

fn window(conn: &mut PgConnection) -> i32 {
    instance_settings::table.select(instance_settings::restore_window_days).first(conn).expect("a setting")
}

#[test]
fn a_change_and_its_entry_are_stored_together_or_not_at_all() {
    let database = TestDatabase::new();
    let mut conn = database.connect();
    let failed = write(&mut conn, &Actor::Operator, |conn| {
        change(conn)?;
        Err::<Audited<()>, _>(AppError::Forbidden)
    });
    assert!(failed.is_err());
    assert_eq!((window(&mut conn), entries(&mut conn)), (7, 0));

    write(&mut conn, &Actor::Operator, |conn| {
        change(conn)?;
        Ok(Audited::new((), Entry::new("settings.changed")))
    })
    .expect("a change");
    assert_eq!((window(&mut conn), entries(&mut conn)), (3, 1));
}

#[test]
fn a_change_whose_entry_is_not_taken_is_undone() {
    let database = TestDatabase::new();
    let mut conn = database.connect();
    let failed = write(&mut conn, &Actor::Operator, |conn| {
        change(conn)?;
        Ok(Audited::new((), Entry::new("Not An Action")))
    });
    assert!(failed.is_err());
    assert_eq!(window(&mut conn), 7);
}

#[test]
fn a_read_cannot_write() {
    let database = TestDatabase::new();
    let mut conn = database.connect();
    assert!(read(&mut conn, change).is_err());
    assert_eq!(window(&mut conn), 7);
}

#[test]
fn the_programs_role_cannot_change_or_delete_entries() {
    let database = TestDatabase::new();
    let mut conn = database.connect();
    write(&mut conn, &Actor::Operator, |_| Ok(Audited::new((), Entry::new("settings.changed")))).expect("an entry");
    let touched = "insert into audit_changes (entry_id, subject_kind, subject_id, before, after)
                   select id, 'organisation', id, '{\"user_limit\": 1}', '{\"user_limit\": 2}' from audit_entries";
    assert_eq!(diesel::sql_query(touched).execute(&mut conn), Ok(1));
    for statement in [
        "update audit_entries set action = 'some.other'",
        "delete from audit_entries",
        "truncate audit_entries cascade",
        "delete from audit_changes",
    ] {
        assert!(diesel::sql_query(statement).execute(&mut conn).is_err(), "{statement}");
    }
    assert_eq!(entries(&mut conn), 1);
}

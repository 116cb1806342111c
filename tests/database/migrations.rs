//! Is the schema the right one?

use diesel::connection::SimpleConnection;
use headroom::db::migrations::{Existing, SchemaState, apply, state};

use crate::support::database::TestDatabase;

#[test]
fn an_empty_an_older_a_current_and_a_newer_schema_are_told_apart() {
    let database = TestDatabase::empty();
    let mut conn = database.connect();
    assert_eq!(state(&mut conn).expect("a state"), SchemaState::Empty);
    assert_eq!(apply(&mut conn, Existing::Leave).expect("migrations"), SchemaState::Empty);
    assert_eq!(state(&mut conn).expect("a state"), SchemaState::Current);

    conn.batch_execute(
        "delete from __diesel_schema_migrations where version = (select max(version) from __diesel_schema_migrations)",
    )
    .expect("a forgotten migration");
    assert_eq!(apply(&mut conn, Existing::Leave).expect("nothing done"), SchemaState::Older(1));
    assert_eq!(state(&mut conn).expect("a state"), SchemaState::Older(1));

    conn.batch_execute("insert into __diesel_schema_migrations (version) values ('99991231000000')")
        .expect("a migration from the future");
    assert_eq!(state(&mut conn).expect("a state"), SchemaState::Newer("99991231000000".to_owned()));
}

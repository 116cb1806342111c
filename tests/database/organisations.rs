//! The tree and its closure.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use headroom::schema::organisation_closure;
use proptest::prelude::*;
use uuid::Uuid;

use crate::support::builders;
use crate::support::database::TestDatabase;

fn move_under(conn: &mut PgConnection, organisation: Uuid, parent: Uuid) -> QueryResult<usize> {
    diesel::sql_query("update organisations set parent_id = $2, time_zone = null where id = $1")
        .bind::<diesel::sql_types::Uuid, _>(organisation)
        .bind::<diesel::sql_types::Uuid, _>(parent)
        .execute(conn)
}

/// Pairs that a walk up the parents gives and the closure does not hold, or the other way round.
fn wrong_pairs(conn: &mut PgConnection) -> i64 {
    let pairs = "(with recursive walk (ancestor_id, descendant_id, depth) as (
           select id, id, 0 from organisations
           union all
           select o.parent_id, w.descendant_id, w.depth + 1
           from walk w join organisations o on o.id = w.ancestor_id where o.parent_id is not null)
         select count(*) from walk full join organisation_closure c using (ancestor_id, descendant_id, depth)
         where c.ctid is null or walk.ancestor_id is null)";
    diesel::select(diesel::dsl::sql::<BigInt>(pairs)).get_result(conn).expect("a count")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_closure_follows_every_move(moves in prop::collection::vec((0..9usize, 0..9usize), 1..20)) {
        let database = TestDatabase::new();
        let mut conn = database.connect();
        let mut all = vec![builders::root(&mut conn, "Root", None)];
        for number in 1..9usize {
            let parent = all[(number - 1) / 2];
            all.push(builders::child(&mut conn, parent, &format!("Unit {number}"), None));
        }
        for (organisation, parent) in moves {
            let within: i64 = organisation_closure::table
                .filter(organisation_closure::ancestor_id.eq(all[organisation]))
                .filter(organisation_closure::descendant_id.eq(all[parent]))
                .count()
                .get_result(&mut conn)
                .expect("a count");
            prop_assert_eq!(move_under(&mut conn, all[organisation], all[parent]).is_ok(), within == 0);
            prop_assert_eq!(wrong_pairs(&mut conn), 0);
        }
    }
}

#[test]
fn every_foreign_key_has_an_index() {
    let database = TestDatabase::new();
    let missing = "(select count(*) from pg_constraint c
        where c.contype = 'f' and c.connamespace = 'public'::regnamespace
          and not exists (
            select from pg_index i
            where i.indrelid = c.conrelid and (i.indkey::smallint[])[0] = c.conkey[1]))";
    let missing: i64 =
        diesel::select(diesel::dsl::sql::<BigInt>(missing)).get_result(&mut database.connect()).expect("a count");
    assert_eq!(missing, 0);
}

#[test]
fn two_people_may_swap_usernames_in_one_statement_but_not_share_one() {
    let database = TestDatabase::new();
    let mut conn = database.connect();
    let root = builders::root(&mut conn, "Root", None);
    builders::user(&mut conn, Some(root), "one");
    builders::user(&mut conn, Some(root), "two");
    let swap = "update users set username = case username when 'one' then 'TWO' else 'One' end";
    assert_eq!(diesel::sql_query(swap).execute(&mut conn), Ok(2));
    let share = "update users set username = 'One' where username = 'TWO'";
    assert!(diesel::sql_query(share).execute(&mut conn).is_err());
}

//! What happens in the world: writes at random, some of them several things in one statement.

use chrono::{Days, NaiveDate, TimeDelta};
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Nullable, Uuid as SqlUuid};
use headroom::db::prepared::{Prepared, prepared};
use headroom::schema::{agreements, enrolments, users};
use proptest::prelude::*;
use uuid::Uuid;

use super::world::World;

/// A write; numbers choose among what is there, days count from today.
#[derive(Debug, Clone)]
pub enum Write {
    Enrol { first: usize, count: usize, experience: usize, starts: i64, lasts: Option<i64> },
    SetDates { first: usize, count: usize, starts: i64, ends: Option<i64> },
    Unenrol { first: usize, count: usize },
    ExpireAccounts { first: usize, count: usize, ends: Option<i64> },
    Move { first: usize, count: usize, organisation: usize },
    MoveAndEnrol { user: usize, organisation: usize, experience: usize, starts: i64 },
    Delete { user: usize },
    Restore,
    Agree { root: usize, starts: i64 },
    CloseDays,
    Fold { day: i64 },
    Nothing,
}

/// A write and how many minutes after the one before it happens.
pub fn write() -> impl Strategy<Value = (i64, Write)> {
    let minutes = prop_oneof![4 => 1..300i64, 2 => 300..2000i64, 1 => 2000..12_000i64];
    let any = 0..100usize;
    let count = 1..6usize;
    let day = -6..8i64;
    let end = prop_oneof![1 => Just(None), 4 => (-6..9i64).prop_map(Some)];
    let lasts = prop_oneof![1 => Just(None), 4 => (-2..9i64).prop_map(Some)];
    let write = prop_oneof![
        6 => (any.clone(), count.clone(), any.clone(), day.clone(), lasts).prop_map(
            |(first, count, experience, starts, lasts)| Write::Enrol { first, count, experience, starts, lasts }),
        3 => (any.clone(), count.clone(), day.clone(), end.clone())
            .prop_map(|(first, count, starts, ends)| Write::SetDates { first, count, starts, ends }),
        1 => (any.clone(), count.clone()).prop_map(|(first, count)| Write::Unenrol { first, count }),
        2 => (any.clone(), count.clone(), end).prop_map(|(first, count, ends)| Write::ExpireAccounts { first, count, ends }),
        2 => (any.clone(), count, any.clone()).prop_map(|(first, count, organisation)| Write::Move { first, count, organisation }),
        1 => (any.clone(), any.clone(), any.clone(), day.clone()).prop_map(
            |(user, organisation, experience, starts)| Write::MoveAndEnrol { user, organisation, experience, starts }),
        2 => any.clone().prop_map(|user| Write::Delete { user }),
        1 => Just(Write::Restore),
        1 => (any, -9..9i64).prop_map(|(root, starts)| Write::Agree { root, starts }),
        1 => Just(Write::CloseDays),
        1 => day.prop_map(|day| Write::Fold { day }),
        1 => Just(Write::Nothing),
    ];
    (minutes, write)
}

/// A license year from a day on.
pub fn agree(conn: &mut PgConnection, root: Uuid, starts: NaiveDate) -> QueryResult<usize> {
    diesel::insert_into(agreements::table)
        .values((
            agreements::organisation_id.eq(root),
            agreements::starts_on.eq(starts),
            agreements::ends_on.eq(starts + Days::new(364)),
            agreements::user_limit.eq(10),
        ))
        .execute(conn)
}

impl World {
    pub(super) fn write(&mut self, write: &Write) {
        let today = self.now.date_naive();
        let at = |offset: i64| today + TimeDelta::days(offset);
        match write {
            Write::Enrol { first, count, experience, starts, lasts } => {
                let (people, experience) = (self.some_users(*first, *count), self.experiences[experience % 3]);
                let ends = lasts.map(|lasts| at(starts + lasts));
                self.run(
                    "insert into enrolments (user_id, experience_id, starts_on, expires_on)
                          select id, $2, $3, $4 from unnest($1) id
                          on conflict (user_id, experience_id) do update set expires_on = excluded.expires_on",
                    |query| {
                        query
                            .bind::<Array<SqlUuid>, _>(people)
                            .bind::<SqlUuid, _>(experience)
                            .bind::<Date, _>(at(*starts))
                            .bind::<Nullable<Date>, _>(ends)
                    },
                );
            }
            Write::SetDates { first, count, starts, ends } => {
                let (people, experiences) = self.some_enrolments(*first, *count);
                let ends = ends.map(at);
                self.run(
                    "update enrolments e set starts_on = $3, expires_on = $4 from unnest($1, $2) chosen (u, x)
                          where e.user_id = chosen.u and e.experience_id = chosen.x",
                    |query| {
                        query
                            .bind::<Array<SqlUuid>, _>(people)
                            .bind::<Array<SqlUuid>, _>(experiences)
                            .bind::<Date, _>(at(*starts))
                            .bind::<Nullable<Date>, _>(ends)
                    },
                );
            }
            Write::Unenrol { first, count } => {
                let (people, experiences) = self.some_enrolments(*first, *count);
                self.run(
                    "delete from enrolments e using unnest($1, $2) chosen (u, x)
                          where e.user_id = chosen.u and e.experience_id = chosen.x",
                    |query| query.bind::<Array<SqlUuid>, _>(people).bind::<Array<SqlUuid>, _>(experiences),
                );
            }
            Write::ExpireAccounts { first, count, ends } => {
                let (people, ends) = (self.some_users(*first, *count), ends.map(at));
                self.run("update users set expires_on = $2 where id = any ($1)", |query| {
                    query.bind::<Array<SqlUuid>, _>(people).bind::<Nullable<Date>, _>(ends)
                });
            }
            Write::Move { first, count, organisation } => {
                let (people, home) = (self.some_users(*first, *count), self.tree[organisation % self.tree.len()].id);
                self.run("update users set organisation_id = $2 where id = any ($1)", |query| {
                    query.bind::<Array<SqlUuid>, _>(people).bind::<SqlUuid, _>(home)
                });
            }
            Write::MoveAndEnrol { user, organisation, experience, starts } => {
                let (people, home) = (self.some_users(*user, 1), self.tree[organisation % self.tree.len()].id);
                let experience = self.experiences[experience % 3];
                // the enrolment is deleted and made anew in one statement with the move
                self.run("with moved as (update users set organisation_id = $2 where id = any ($1)),
                            gone as (delete from enrolments where user_id = any ($1) and experience_id <> $3)
                          insert into enrolments (user_id, experience_id, starts_on) select id, $3, $4 from unnest($1) id
                          on conflict do nothing",
                    |query| query.bind::<Array<SqlUuid>, _>(people).bind::<SqlUuid, _>(home)
                        .bind::<SqlUuid, _>(experience).bind::<Date, _>(at(*starts)));
            }
            Write::Delete { user } => {
                let Some(id) = self.some_users(*user, 1).first().copied() else { return };
                let home = self.snapshot.users.iter().find(|(one, ..)| *one == id).map(|(_, home, _)| *home).unwrap();
                let theirs = self.snapshot.enrolments.iter().filter(|(one, ..)| *one == id).copied().collect();
                self.deleted.push((id, home, theirs));
                diesel::delete(users::table.find(id)).execute(&mut self.conn).expect("a deleted user");
            }
            Write::Restore => self.restore(),
            Write::Agree { root, starts } => self.agree(self.roots[root % 3].0, at(*starts)),
            Write::CloseDays => self.close_days(),
            Write::Fold { day } => {
                assert!(headroom::jobs::housekeeping::move_base_day(&mut self.conn, at(*day)).expect("a base day"));
            }
            Write::Nothing => {}
        }
    }

    fn run(&mut self, sql: &'static str, bind: impl FnOnce(Prepared) -> Prepared) {
        bind(prepared(sql)).execute(&mut self.conn).expect("a write");
    }

    fn some_users(&self, first: usize, count: usize) -> Vec<Uuid> {
        let all = &self.snapshot.users;
        all.iter().map(|(id, ..)| *id).cycle().skip(first % all.len().max(1)).take(count.min(all.len())).collect()
    }

    fn some_enrolments(&self, first: usize, count: usize) -> (Vec<Uuid>, Vec<Uuid>) {
        let all = &self.snapshot.enrolments;
        let some = all.iter().cycle().skip(first % all.len().max(1)).take(count.min(all.len()));
        some.map(|(user, experience, ..)| (*user, *experience)).unzip()
    }

    /// Somebody who was deleted comes back with all that they had.
    fn restore(&mut self) {
        let Some((id, home, theirs)) = self.deleted.pop() else { return };
        self.conn
            .transaction(|conn| {
                diesel::sql_query(
                    "insert into users (id, organisation_id, username, email, first_name, last_name)
                     values ($1, $2, $1::text, $1::text || '@people.example', 'Test', 'Restored')",
                )
                .bind::<SqlUuid, _>(id)
                .bind::<SqlUuid, _>(home)
                .execute(conn)?;
                let rows: Vec<_> = theirs
                    .iter()
                    .map(|(user, experience, starts, expires)| {
                        (
                            enrolments::user_id.eq(user),
                            enrolments::experience_id.eq(experience),
                            enrolments::starts_on.eq(starts),
                            enrolments::expires_on.eq(expires),
                        )
                    })
                    .collect();
                diesel::insert_into(enrolments::table).values(rows).execute(conn)
            })
            .expect("a restored user");
    }

    /// A year that has begun counts who was active in it as far as the enrolments say.
    fn agree(&mut self, root: Uuid, starts: NaiveDate) {
        if agree(&mut self.conn, root, starts).is_err() {
            return; // there is one in these days
        }
        let past = starts.iter_days().take_while(|day| *day <= self.today[&root]);
        let holders = past.flat_map(|day| self.active_in(root, day)).collect();
        self.years.insert((root, starts), holders);
    }
}

//! A small world of three trees in three time zones, random writes to it, and what the definition says of it at
//! every moment, worked out one by one.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Array, Date, Nullable, Uuid as SqlUuid};
use headroom::schema::{agreements, enrolments, license_days_closed, users};
use proptest::prelude::*;
use uuid::Uuid;

use crate::support::builders;

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

struct Organisation {
    id: Uuid,
    name: &'static str,
    parent: Option<Uuid>,
}

type Enrolment = (Uuid, Uuid, NaiveDate, Option<NaiveDate>);

/// The data as it was last written.
#[derive(Default)]
struct Snapshot {
    users: Vec<(Uuid, Uuid, Option<NaiveDate>)>,
    enrolments: Vec<Enrolment>,
}

impl Snapshot {
    fn active(&self, day: NaiveDate) -> Vec<(Uuid, Uuid)> {
        let enrolled = |id: Uuid| {
            self.enrolments.iter().any(|(user, _, starts, expires)| {
                *user == id && *starts <= day && expires.is_none_or(|expires| day <= expires)
            })
        };
        let active =
            self.users.iter().filter(|(id, _, expires)| expires.is_none_or(|last| day <= last) && enrolled(*id));
        active.map(|(id, home, _)| (*id, *home)).collect()
    }
}

/// The database, and beside it what should be recorded.
pub struct World {
    pub conn: PgConnection,
    now: DateTime<Utc>,
    roots: Vec<(Uuid, Tz)>,
    tree: Vec<Organisation>,
    experiences: Vec<Uuid>,
    snapshot: Snapshot,
    deleted: Vec<(Uuid, Uuid, Vec<Enrolment>)>,
    today: HashMap<Uuid, NaiveDate>,
    peak: HashMap<Uuid, i64>,
    closed: HashMap<Uuid, BTreeMap<NaiveDate, (i64, i64)>>,
    years: BTreeMap<(Uuid, NaiveDate), BTreeSet<Uuid>>,
}

impl World {
    /// Shortly before the clocks go forward in Europe, and back in New Zealand.
    pub fn new(mut conn: PgConnection) -> World {
        let now: DateTime<Utc> = "2026-03-26T10:00:00Z".parse().expect("a time");
        set_time(&mut conn, now);
        let zones =
            [("London", Tz::Europe__London), ("Auckland", Tz::Pacific__Auckland), ("LA", Tz::America__Los_Angeles)];
        let (mut roots, mut tree) = (Vec::new(), Vec::new());
        for (name, zone) in zones {
            let root = builders::root(&mut conn, name, Some(5));
            diesel::sql_query("update organisations set time_zone = $2 where id = $1")
                .bind::<SqlUuid, _>(root)
                .bind::<diesel::sql_types::Text, _>(zone.name())
                .execute(&mut conn)
                .expect("a time zone");
            // as if it had been made in that zone
            let today = now.with_timezone(&zone).date_naive();
            diesel::update(license_days_closed::table.find(root))
                .set((
                    license_days_closed::begins_on.eq(today),
                    license_days_closed::closed_until.eq(today - Days::new(1)),
                ))
                .execute(&mut conn)
                .expect("a beginning");
            conn.batch_execute(&format!("update organisations set name = name where id = '{root}'")).expect("its end");
            tree.push(Organisation { id: root, name, parent: None });
            let child = builders::child(&mut conn, root, "Child", None);
            tree.push(Organisation { id: child, name: "child", parent: Some(root) });
            let grandchild = builders::child(&mut conn, child, "Grandchild", None);
            tree.push(Organisation { id: grandchild, name: "grandchild", parent: Some(child) });
            roots.push((root, zone));
        }
        for number in 0..14 {
            builders::user(&mut conn, Some(tree[number % tree.len()].id), &format!("user-{number}"));
        }
        let owner = roots[0].0;
        let experiences =
            (0..3).map(|number| builders::experience(&mut conn, owner, &format!("LX-{number}"))).collect();
        let today: HashMap<Uuid, NaiveDate> =
            roots.iter().map(|(root, zone)| (*root, now.with_timezone(zone).date_naive())).collect();
        let mut world = World {
            conn,
            now,
            roots,
            tree,
            experiences,
            today,
            snapshot: Snapshot::default(),
            deleted: Vec::new(),
            peak: HashMap::new(),
            closed: HashMap::new(),
            years: BTreeMap::new(),
        };
        world.look();
        world
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    pub fn organisations(&self) -> Vec<(Uuid, Uuid)> {
        self.tree.iter().map(|organisation| (self.root_of(organisation.id), organisation.id)).collect()
    }

    pub fn name(&self, id: Uuid) -> &'static str {
        self.tree.iter().find(|organisation| organisation.id == id).map_or("", |organisation| organisation.name)
    }

    pub fn closed_days(&self, organisation: Uuid) -> BTreeMap<NaiveDate, (i64, i64)> {
        self.closed.get(&organisation).cloned().unwrap_or_default()
    }

    /// Root, license year, today, and how many held a license in it so far.
    pub fn holders(&self) -> Vec<(Uuid, NaiveDate, NaiveDate, i64)> {
        let count = |holders: &BTreeSet<Uuid>| i64::try_from(holders.len()).unwrap();
        self.years.iter().map(|((root, year), holders)| (*root, *year, self.today[root], count(holders))).collect()
    }

    /// Lets time pass, and then writes.
    pub fn apply(&mut self, minutes: i64, write: &Write) {
        self.wait(minutes);
        self.write(write);
        self.look();
    }

    /// Time passes; at each midnight of a tree its day is over.
    pub fn wait(&mut self, minutes: i64) {
        self.now += TimeDelta::minutes(minutes);
        set_time(&mut self.conn, self.now);
        for (root, zone) in self.roots.clone() {
            let today = self.now.with_timezone(&zone).date_naive();
            while self.today[&root] < today {
                self.end_day(root);
            }
        }
    }

    pub fn close_days(&mut self) {
        self.conn.batch_execute("select license_close_days(headroom_now())").expect("closed days");
    }

    fn end_day(&mut self, root: Uuid) {
        let day = self.today[&root];
        let (closing, next) = (self.counts(root, day), day + Days::new(1));
        for (organisation, count) in closing {
            let peak = self.peak.remove(&organisation).unwrap_or_default();
            self.closed.entry(organisation).or_default().insert(day, (count, peak));
        }
        self.today.insert(root, next);
        self.notice(root);
    }

    /// Who is active now: the peak so far, and the holders.
    fn notice(&mut self, root: Uuid) {
        let today = self.today[&root];
        for (organisation, count) in self.counts(root, today) {
            let peak = self.peak.entry(organisation).or_insert(count);
            *peak = count.max(*peak);
        }
        let active: Vec<Uuid> = self.active_in(root, today);
        for ((_, starts), holders) in self.years.iter_mut().filter(|((of, _), _)| *of == root) {
            if (*starts..=*starts + Days::new(364)).contains(&today) {
                holders.extend(active.iter().copied());
            }
        }
    }

    fn look(&mut self) {
        self.snapshot = Snapshot {
            users: users::table
                .order(users::id)
                .filter(users::organisation_id.is_not_null())
                .select((users::id, users::organisation_id.assume_not_null(), users::expires_on))
                .load(&mut self.conn)
                .expect("users"),
            enrolments: enrolments::table
                .order((enrolments::user_id, enrolments::experience_id))
                .select((enrolments::user_id, enrolments::experience_id, enrolments::starts_on, enrolments::expires_on))
                .load(&mut self.conn)
                .expect("enrolments"),
        };
        for (root, _) in self.roots.clone() {
            self.notice(root);
        }
    }

    fn root_of(&self, id: Uuid) -> Uuid {
        self.up(id).last().copied().unwrap_or(id)
    }

    /// An organisation and all above it.
    fn up(&self, id: Uuid) -> Vec<Uuid> {
        let parent = |id: &Uuid| self.tree.iter().find(|one| one.id == *id).and_then(|one| one.parent);
        std::iter::successors(Some(id), parent).collect()
    }

    fn active_in(&self, root: Uuid, day: NaiveDate) -> Vec<Uuid> {
        let active = self.snapshot.active(day).into_iter();
        active.filter(|(_, home)| self.root_of(*home) == root).map(|(id, _)| id).collect()
    }

    fn counts(&self, root: Uuid, day: NaiveDate) -> HashMap<Uuid, i64> {
        let of_tree = self.tree.iter().filter(|organisation| self.root_of(organisation.id) == root);
        let mut counts: HashMap<Uuid, i64> = of_tree.map(|organisation| (organisation.id, 0)).collect();
        for (_, home) in self.snapshot.active(day) {
            for organisation in self.up(home) {
                if let Some(count) = counts.get_mut(&organisation) {
                    *count += 1;
                }
            }
        }
        counts
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

    fn write(&mut self, write: &Write) {
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
        bind(headroom::db::prepared::prepared(sql)).execute(&mut self.conn).expect("a write");
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

type Prepared = headroom::db::prepared::Prepared;

fn set_time(conn: &mut PgConnection, now: DateTime<Utc>) {
    conn.batch_execute(&format!("set headroom.now to '{}'", now.to_rfc3339())).expect("the time");
}

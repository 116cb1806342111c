//! A small world of three trees in three time zones, and what the definition says of it at every moment, worked out one
//! by one. What happens in it is in `writes`.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::Tz;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::Uuid as SqlUuid;
use headroom::schema::{enrolments, license_days_closed, users};
use uuid::Uuid;

use super::writes::Write;
use crate::support::builders;

pub(super) struct Organisation {
    pub(super) id: Uuid,
    name: &'static str,
    parent: Option<Uuid>,
}

pub(super) type Enrolment = (Uuid, Uuid, NaiveDate, Option<NaiveDate>);

/// The data as it was last written.
#[derive(Default)]
pub(super) struct Snapshot {
    pub(super) users: Vec<(Uuid, Uuid, Option<NaiveDate>)>,
    pub(super) enrolments: Vec<Enrolment>,
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
    pub(super) now: DateTime<Utc>,
    pub(super) roots: Vec<(Uuid, Tz)>,
    pub(super) tree: Vec<Organisation>,
    pub(super) experiences: Vec<Uuid>,
    pub(super) snapshot: Snapshot,
    pub(super) deleted: Vec<(Uuid, Uuid, Vec<Enrolment>)>,
    pub(super) today: HashMap<Uuid, NaiveDate>,
    peak: HashMap<Uuid, i64>,
    closed: HashMap<Uuid, BTreeMap<NaiveDate, (i64, i64)>>,
    pub(super) years: BTreeMap<(Uuid, NaiveDate), BTreeSet<Uuid>>,
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

    pub(super) fn active_in(&self, root: Uuid, day: NaiveDate) -> Vec<Uuid> {
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
}

fn set_time(conn: &mut PgConnection, now: DateTime<Utc>) {
    conn.batch_execute(&format!("set headroom.now to '{}'", now.to_rfc3339())).expect("the time");
}

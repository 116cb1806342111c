//! What the page of a change of enrolments promises for the licenses, against a slow model that goes through the days
//! and the people one by one (`domain.md` section 3).

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use diesel::prelude::*;
use headroom::domain::forecast::DAYS_AHEAD;
use headroom::features::enrolments::change::Change;
use headroom::features::enrolments::queries::effects;
use headroom::features::enrolments::target::{Before, Chosen};
use headroom::ids::{EnrolmentId, ExperienceId, OrganisationId, UserId};
use headroom::schema::{enrolments, organisations, users};
use proptest::prelude::*;
use uuid::Uuid;

use crate::support::builders::{self, date};
use crate::support::database::TestDatabase;
use crate::support::imports::cases;

/// Three days of the year at once: the day before in Pago Pago, the day after in Kiritimati.
const NOW: &str = "2026-11-24T10:30:00Z";
const TODAY: &str = "2026-11-24";
const ZONES: [(&str, &str); 3] =
    [("Pacific/Pago_Pago", "2026-11-23"), ("Europe/London", TODAY), ("Pacific/Kiritimati", "2026-11-25")];

/// Days from today.
type Offset = i64;

#[derive(Debug, Clone)]
struct Person {
    /// In which zone; none: the vendor's own.
    home: Option<usize>,
    expires: Option<Offset>,
    enrolled: Vec<Enrolled>,
}

#[derive(Debug, Clone, Copy)]
struct Enrolled {
    starts: Offset,
    lasts: Option<Offset>,
    is_chosen: bool,
}

fn day(offset: Offset) -> NaiveDate {
    date(TODAY) + TimeDelta::days(offset)
}

fn offset() -> impl Strategy<Value = Offset> {
    prop_oneof![4 => -3..4i64, 1 => -40..0i64, 2 => 80..100i64, 1 => 0..200i64]
}

fn person() -> impl Strategy<Value = Person> {
    let enrolled = (offset(), prop::option::of(prop_oneof![-1..6i64, 60..120i64]), prop::bool::weighted(0.6))
        .prop_map(|(starts, lasts, is_chosen)| Enrolled { starts, lasts, is_chosen });
    (
        prop::option::weighted(0.9, 0..ZONES.len()),
        prop::option::weighted(0.4, offset()),
        prop::collection::vec(enrolled, 0..4),
    )
        .prop_map(|(home, expires, enrolled)| Person { home, expires, enrolled })
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        1 => Just(Change::Delete),
        1 => Just(Change::Expiry { date: None }),
        6 => offset().prop_map(|offset| Change::Expiry { date: Some(day(offset)) }),
    ]
}

impl Enrolled {
    fn is_live(&self, on: NaiveDate, changed: Option<&Change>) -> bool {
        let expires_on = match changed.filter(|_| self.is_chosen) {
            Some(Change::Delete) => return false,
            Some(change) => change.date(),
            None => self.lasts.map(|days| day(self.starts + days)),
        };
        day(self.starts) <= on && expires_on.is_none_or(|end| on <= end)
    }
}

impl Person {
    fn is_active(&self, on: NaiveDate, changed: Option<&Change>) -> bool {
        self.expires.is_none_or(|last| on <= day(last)) && self.enrolled.iter().any(|one| one.is_live(on, changed))
    }

    fn is_concerned(&self) -> bool {
        self.enrolled.iter().any(|one| one.is_chosen)
    }
}

/// By zone: people, licenses freed and taken on a day, where it is still to come; or today.
fn judged(people: &[Person], change: &Change, later: Option<NaiveDate>) -> BTreeMap<usize, [i64; 3]> {
    let mut places: BTreeMap<usize, [i64; 3]> = BTreeMap::new();
    for person in people.iter().filter(|person| person.is_concerned()) {
        let Some(home) = person.home else { continue };
        let today = date(ZONES[home].1);
        let on = later.unwrap_or(today);
        if later.is_some_and(|later| later <= today) {
            continue;
        }
        let (before, after) = (person.is_active(on, None), person.is_active(on, Some(change)));
        let [count, freed, taken] = places.entry(home).or_default();
        *count += 1;
        *freed += i64::from(before && !after);
        *taken += i64::from(!before && after);
    }
    places
}

fn store(conn: &mut PgConnection, people: &[Person]) -> (Vec<Uuid>, Chosen) {
    let roots: Vec<Uuid> = ZONES
        .iter()
        .map(|(zone, _)| {
            let root = builders::root(conn, zone, None);
            diesel::update(organisations::table.find(root))
                .set(organisations::time_zone.eq(*zone))
                .execute(conn)
                .unwrap();
            root
        })
        .collect();
    let experiences: Vec<Uuid> = (0..4).map(|n| builders::experience(conn, roots[0], &format!("LX-{n}"))).collect();
    let mut chosen = BTreeMap::new();
    for (number, person) in people.iter().enumerate() {
        let id = builders::user(conn, person.home.map(|home| roots[home]), &format!("person-{number}"));
        diesel::update(users::table.find(id)).set(users::expires_on.eq(person.expires.map(day))).execute(conn).unwrap();
        for (one, experience) in person.enrolled.iter().zip(&experiences) {
            let enrolment: Uuid = diesel::insert_into(enrolments::table)
                .values((
                    enrolments::user_id.eq(id),
                    enrolments::experience_id.eq(experience),
                    enrolments::starts_on.eq(day(one.starts)),
                    enrolments::expires_on.eq(one.lasts.map(|days| day(one.starts + days))),
                ))
                .returning(enrolments::id)
                .get_result(conn)
                .unwrap();
            if one.is_chosen {
                let expires_on = one.lasts.map(|days| day(one.starts + days));
                chosen.insert((UserId(id), EnrolmentId(enrolment)), (ExperienceId(*experience), expires_on));
            }
        }
    }
    let whose: BTreeSet<UserId> = chosen.keys().map(|(person, _)| *person).collect();
    let chosen = Chosen {
        ids: chosen.keys().map(|(_, id)| *id).collect(),
        before: chosen
            .iter()
            .map(|(&(person, _), &(experience, expires_on))| Before {
                person,
                experience,
                starts_on: day(0),
                expires_on,
            })
            .collect(),
        people: whose.into_iter().collect(),
        places: BTreeMap::new(),
        records: 0,
        seen: String::new(),
    };
    (roots, chosen)
}

#[test]
fn the_effect_that_is_shown_is_what_the_definition_says_for_each_day() {
    let database = TestDatabase::new();
    let conn = RefCell::new(database.connect());
    let config = ProptestConfig {
        cases: cases(150),
        max_shrink_iters: 100,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let (freed, taken) = (RefCell::new(0), RefCell::new(0));
    proptest!(config, |(people in prop::collection::vec(person(), 1..6), change in change())| {
        let mut outcome = Ok(());
        let rolled_back: QueryResult<()> = conn.borrow_mut().transaction(|conn| {
            outcome = case(conn, &people, &change).map(|(less, more)| {
                *freed.borrow_mut() += less;
                *taken.borrow_mut() += more;
            });
            Err(diesel::result::Error::RollbackTransaction)
        });
        prop_assert!(rolled_back.is_err());
        outcome?;
    });
    let (freed, taken) = (freed.into_inner(), taken.into_inner());
    assert!(freed > 0 && taken > 0, "{freed} licenses freed, {taken} taken");
}

/// Returns how many licenses are freed and taken today.
fn case(conn: &mut PgConnection, people: &[Person], change: &Change) -> Result<(u64, u64), TestCaseError> {
    let now: DateTime<Utc> = NOW.parse().unwrap();
    let (roots, chosen) = store(conn, people);
    let told = effects(conn, &chosen, change, now).unwrap();

    let later =
        change.date().map(|end| end + Days::new(1)).filter(|day| !judged(people, change, Some(*day)).is_empty());
    let days: Vec<Option<NaiveDate>> = [None].into_iter().chain(later.map(Some)).collect();
    prop_assert_eq!(told.by_day.iter().map(|(from, _)| *from).collect::<Vec<_>>(), days);
    for (from, effect) in &told.by_day {
        let shown: BTreeMap<OrganisationId, [i64; 3]> =
            effect.organisations.iter().map(|row| (row.organisation, [row.people, row.freed, row.taken])).collect();
        let expected: BTreeMap<OrganisationId, [i64; 3]> =
            judged(people, change, *from).into_iter().map(|(home, row)| (OrganisationId(roots[home]), row)).collect();
        prop_assert_eq!(shown, expected, "from {:?}", from);
    }

    let of_homes = || people.iter().filter(|person| person.home.is_some());
    for on in now.date_naive().pred_opt().unwrap().iter_days().take(usize::try_from(DAYS_AHEAD).unwrap() + 2) {
        let shown: i64 = told.changes.iter().filter(|(day, _)| *day <= on).map(|(_, delta)| delta).sum();
        let expected: i64 = of_homes()
            .map(|person| i64::from(person.is_active(on, Some(change))) - i64::from(person.is_active(on, None)))
            .sum();
        prop_assert_eq!(shown, expected, "on {}", on);
    }
    let today = &told.by_day[0].1;
    Ok((today.freed(), today.taken()))
}

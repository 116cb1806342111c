//! Small worlds of people, and files about them, at random.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use headroom::domain::access::Role;
use headroom::domain::sync::plan::{Asked, Person, Place, Row};
use headroom::ids::{OrganisationId, UserId};
use proptest::prelude::*;
use uuid::Uuid;

/// People and a file about them.
#[derive(Debug, Clone)]
pub struct World {
    pub places: Vec<Place>,
    pub people: Vec<Person>,
    pub rows: Vec<Row>,
    pub asked: Asked,
}

const NAMES: [&str; 9] = ["ann", "Ben", "cy", "dee", "eve", "Fay", "gus", "Hal", "ida"];
const COLUMNS: [&str; 7] =
    ["username", "email", "first_name", "last_name", "organisation", "roles", "account_expires_on"];
/// Parents by position; the first is the root.
pub const TREE: [(&str, Option<usize>); 5] =
    [("Acme", None), ("North", Some(0)), ("South", Some(0)), ("Sales", Some(1)), ("Sales", Some(2))];

/// How many random cases: `PROPTEST_CASES`, where it is set.
pub fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual)
}

pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, 24).expect("a day")
}

fn id(kind: u128, number: usize) -> Uuid {
    Uuid::from_u128((0x0190_0000_0000_7000_8000_0000_0000_0000 + (kind << 32)) + number as u128)
}

fn place(number: usize) -> OrganisationId {
    OrganisationId(id(1, number))
}

fn path(number: usize) -> String {
    let (name, parent) = TREE[number];
    parent.map_or(name.to_owned(), |parent| format!("{} > {name}", path(parent)))
}

fn is_inside(number: usize, top: usize) -> bool {
    number == top || TREE[number].1.is_some_and(|parent| is_inside(parent, top))
}

fn cased(name: &str, upper: bool) -> String {
    if upper { name.to_uppercase() } else { name.to_owned() }
}

/// Mail cannot be sent to one of them.
fn address(name: usize) -> String {
    format!("{}{}@people.example", NAMES[name], if name == 5 { ".." } else { "" })
}

fn expiry() -> impl Strategy<Value = Option<NaiveDate>> {
    prop_oneof![3 => Just(None), 1 => Just(today().pred_opt()), 1 => Just(Some(today())), 1 => Just(today().succ_opt())]
}

fn roles() -> impl Strategy<Value = BTreeSet<Role>> {
    prop_oneof![
        3 => Just(BTreeSet::new()),
        1 => Just(BTreeSet::from([Role::OrgAdmin])),
        1 => Just(BTreeSet::from([Role::OrgAdmin, Role::UserManager])),
        1 => Just(BTreeSet::from([Role::AccountManager, Role::UserManager])),
    ]
}

fn person() -> impl Strategy<Value = Person> {
    (0..NAMES.len(), 0..NAMES.len(), 0..TREE.len(), expiry(), roles(), 0..TREE.len(), prop::bool::weighted(0.2))
        .prop_map(|(name, mail, home, expires_on, roles, held, joined_since)| Person {
            id: UserId(id(2, name)),
            username: NAMES[name].to_owned(),
            email: address(mail),
            first_name: if name % 3 == 0 { "Fir?t" } else { "First" }.to_owned(),
            last_name: NAMES[name].to_owned(),
            organisation: place(home),
            expires_on,
            roles: roles.into_iter().map(|role| (role, place(if held % 2 == 0 { home } else { held }))).collect(),
            joined_since,
        })
}

/// The first one imports. No two have a username or e-mail address in common.
fn people() -> impl Strategy<Value = Vec<Person>> {
    prop::collection::vec(person(), 2..9).prop_map(|mut people| {
        let mut seen = BTreeSet::new();
        people.retain(|one| seen.insert(one.username.to_lowercase()));
        let mut mails = BTreeSet::new();
        people.retain(|one| mails.insert(one.email.to_lowercase()));
        people[0].expires_on = None;
        people
    })
}

/// How a row departs from what the person is.
#[derive(Debug, Clone)]
enum Twist {
    Username(usize, bool),
    Email(usize, bool),
    FirstName,
    LostLetter(usize),
    Organisation(Option<String>),
    Roles(BTreeSet<Role>),
    Expiry(Option<NaiveDate>),
    ByName,
    Empty(usize),
}

fn twist() -> impl Strategy<Value = Twist> {
    let texts = vec![None, Some("Acme".to_owned()), Some("North".to_owned()), Some("Sales".to_owned())]
        .into_iter()
        .chain((0..TREE.len()).map(|number| Some(path(number))))
        .chain([Some("South > Sales".to_owned()), Some("Nowhere".to_owned())])
        .collect::<Vec<_>>();
    prop_oneof![
        4 => (0..NAMES.len(), any::<bool>()).prop_map(|(name, upper)| Twist::Username(name, upper)),
        4 => (0..NAMES.len(), any::<bool>()).prop_map(|(name, upper)| Twist::Email(name, upper)),
        4 => Just(Twist::FirstName),
        1 => (0..3usize).prop_map(Twist::LostLetter),
        4 => prop::sample::select(texts).prop_map(Twist::Organisation),
        4 => roles().prop_map(Twist::Roles),
        4 => expiry().prop_map(Twist::Expiry),
        4 => Just(Twist::ByName),
        4 => (0..3usize).prop_map(Twist::Empty),
    ]
}

fn row_of(one: &Person) -> Row {
    let number = (0..TREE.len()).find(|number| place(*number) == one.organisation).expect("a place");
    let at_home = one.roles.iter().filter(|(_, place)| *place == one.organisation).map(|(role, _)| *role).collect();
    Row {
        line: 0,
        user_id: Some(one.id),
        username: Some(one.username.clone()),
        email: Some(one.email.clone()),
        first_name: Some(one.first_name.clone()),
        last_name: Some(one.last_name.clone()),
        organisation: Some(path(number)),
        roles: Some(at_home),
        expires_on: one.expires_on,
    }
}

fn twisted(mut row: Row, twists: &[Twist]) -> Row {
    for twist in twists {
        match twist {
            Twist::Username(name, upper) => row.username = Some(cased(NAMES[*name], *upper)),
            Twist::Email(name, upper) => row.email = Some(cased(&address(*name), *upper)),
            Twist::FirstName => row.first_name = Some("Other".to_owned()),
            Twist::LostLetter(field) => {
                let texts = [&mut row.username, &mut row.first_name, &mut row.last_name];
                if let Some(text) = texts[*field] {
                    text.replace_range(1..2, "?");
                }
            }
            Twist::Organisation(text) => row.organisation.clone_from(text),
            Twist::Roles(roles) => row.roles = Some(roles.clone()),
            Twist::Expiry(day) => row.expires_on = *day,
            Twist::ByName => row.user_id = None,
            Twist::Empty(field) if row.user_id.is_none() || *field > 0 => {
                *[&mut row.email, &mut row.first_name, &mut row.last_name][*field] = None;
            }
            Twist::Empty(_) => {}
        }
    }
    if row.username.is_none() && row.user_id.is_none() {
        row.username = Some("zoe".to_owned());
    }
    row
}

fn stranger() -> impl Strategy<Value = Row> {
    (0..NAMES.len(), 0..NAMES.len(), prop::bool::weighted(0.02)).prop_map(|(name, mail, lost)| Row {
        username: Some(format!("new-{}", NAMES[name])),
        email: Some(format!("{}@new.example", NAMES[mail])),
        first_name: Some(if lost { "N?w" } else { "New" }.to_owned()),
        last_name: Some(NAMES[name].to_owned()),
        ..Row::default()
    })
}

/// Rows that cannot be read, with what can be read of them.
fn unreadable(people: Vec<Person>) -> impl Strategy<Value = Vec<Row>> {
    let known = (prop::sample::select(people), prop::collection::vec(twist(), 0..2))
        .prop_map(|(one, twists)| twisted(row_of(&one), &twists));
    let read = (prop_oneof![known, stranger()], any::<[bool; 3]>()).prop_map(|(row, read)| Row {
        user_id: row.user_id.filter(|_| read[0]),
        username: row.username.filter(|_| read[1]),
        email: row.email.filter(|_| read[2]),
        ..Row::default()
    });
    prop::collection::vec(read, 1..3)
}

/// What the file lacks, nobody knows from it.
fn without_columns(mut row: Row, columns: &BTreeSet<&'static str>) -> Row {
    let has = |column| columns.contains(column);
    row.username = row.username.filter(|_| has("username"));
    row.email = row.email.filter(|_| has("email"));
    row.first_name = row.first_name.filter(|_| has("first_name"));
    row.last_name = row.last_name.filter(|_| has("last_name"));
    row.organisation = row.organisation.filter(|_| has("organisation"));
    row.roles = row.roles.filter(|_| has("roles"));
    row.expires_on = row.expires_on.filter(|_| has("account_expires_on"));
    row
}

/// Most files are about most of the people, with a few changes.
pub fn world() -> impl Strategy<Value = World> {
    people().prop_flat_map(|people| {
        let count = people.len();
        let kept = prop::collection::vec(
            (prop::bool::weighted(0.8), prop::collection::vec(twist(), 0..3), any::<bool>()),
            count,
        );
        let more = prop::collection::vec(stranger(), 0..3);
        let repeated = prop::option::weighted(0.15, (0..count, prop::collection::vec(twist(), 0..2)));
        let unreadable = prop::option::weighted(0.06, unreadable(people.clone()));
        let lacking = prop::option::weighted(0.5, prop::sample::subsequence(&COLUMNS[1..], 0..4));
        let top = prop_oneof![3 => Just(0usize), 1 => Just(1usize)];
        (Just(people), kept, more, repeated, unreadable, lacking, top, any::<bool>()).prop_map(
            |(people, kept, more, repeated, unreadable, lacking, top, synchronize)| {
                let lacking = lacking.unwrap_or_default();
                let columns: BTreeSet<&'static str> =
                    COLUMNS.into_iter().filter(|column| !lacking.contains(column)).collect();
                let mut rows: Vec<Row> = people
                    .iter()
                    .zip(kept)
                    .filter(|(_, (kept, _, _))| *kept)
                    .map(|(one, (_, twists, calm))| twisted(row_of(one), if calm { &[] } else { &twists }))
                    .collect();
                rows.extend(more);
                rows.extend(repeated.map(|(which, twists)| twisted(row_of(&people[which]), &twists)));
                let unreadable = unreadable.into_iter().flatten().zip(100..);
                let unreadable = unreadable.map(|(row, line)| Row { line, ..without_columns(row, &columns) }).collect();
                let rows = rows
                    .into_iter()
                    .zip(2..)
                    .map(|(row, line)| Row { line, ..without_columns(row, &columns) })
                    // the reader refuses these
                    .filter(|row| row.user_id.is_some() || row.username.is_some())
                    .collect();
                World {
                    places: (0..TREE.len())
                        .map(|number| Place {
                            id: place(number),
                            path: path(number),
                            inside: is_inside(number, top),
                            root: TREE[number].1.is_none(),
                        })
                        .collect(),
                    asked: Asked {
                        organisation: place(top),
                        synchronize,
                        by: people[0].id,
                        columns,
                        exports: Vec::new(),
                        unreadable,
                        today: today(),
                    },
                    people,
                    rows,
                }
            },
        )
    })
}

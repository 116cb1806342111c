//! What an import would do, one person at a time: snapshot and rows in, plan out. The program plans real sizes
//! as sets in SQL (`features/imports/planning`); this says the same slowly and plainly, and the tests hold the
//! two against each other on random input.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::guards::{CannotSynchronize, ExportOf, Facts, objections};
use super::spoilt::{lost_letters, lost_zeros};
use crate::domain::access::Role;
use crate::domain::email::is_sendable;
use crate::ids::{OrganisationId, UserId};

/// An organisation of the import's subtree, or above or beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Which one.
    pub id: OrganisationId,
    /// Names from the root, joined by ` > `; their letters composed, like those of rows.
    pub path: String,
    /// It is the import's organisation, or below it.
    pub inside: bool,
    /// There is none above it.
    pub root: bool,
}

/// Somebody as they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// The unique ID.
    pub id: UserId,
    /// The name to sign in with.
    pub username: String,
    /// Where mail goes.
    pub email: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// The home organisation.
    pub organisation: OrganisationId,
    /// The account's last day.
    pub expires_on: Option<NaiveDate>,
    /// Roles that are held, and where.
    pub roles: BTreeSet<(Role, OrganisationId)>,
    /// Created or moved into the import's organisation after the file's export.
    pub joined_since: bool,
}

/// A row of the file. `None`: empty, or the file has no such column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    /// The line in the file.
    pub line: u64,
    /// The unique ID of somebody who is known.
    pub user_id: Option<UserId>,
    /// The name to sign in with.
    pub username: Option<String>,
    /// Where mail goes.
    pub email: Option<String>,
    /// First name.
    pub first_name: Option<String>,
    /// Last name.
    pub last_name: Option<String>,
    /// The path of an organisation, or the end of one that only one has.
    pub organisation: Option<String>,
    /// Roles on the home organisation.
    pub roles: Option<BTreeSet<Role>>,
    /// The account's last day.
    pub expires_on: Option<NaiveDate>,
}

/// What an import is about.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The import's organisation.
    pub organisation: OrganisationId,
    /// Whoever is missing is to be deleted.
    pub synchronize: bool,
    /// Who imports.
    pub by: UserId,
    /// The columns of the file, by name.
    pub columns: BTreeSet<&'static str>,
    /// The exports that the file comes from.
    pub exports: Vec<ExportOf>,
    /// Rows that could not be read, with the unique ID, username and e-mail address where these could.
    pub unreadable: Vec<Row>,
    /// The day in the tree.
    pub today: NaiveDate,
}

/// What somebody becomes. Roles are those on the home organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The name to sign in with.
    pub username: String,
    /// Where mail goes.
    pub email: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// The home organisation.
    pub organisation: OrganisationId,
    /// The account's last day.
    pub expires_on: Option<NaiveDate>,
    /// `None`: roles stay where they are.
    pub roles: Option<BTreeSet<Role>>,
}

/// Why somebody who is missing stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protection {
    /// Whoever imports.
    Yourself,
    /// They joined after the export, so they could not be in the file.
    JoinedSince,
    /// The organisation would have no org admin any more.
    LastOrgAdmin,
}

/// What would be done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// New people, by line.
    pub created: BTreeMap<u64, Wanted>,
    /// People who change, with the line.
    pub changed: BTreeMap<UserId, (u64, Wanted)>,
    /// People who stay as they are.
    pub unchanged: BTreeSet<UserId>,
    /// People who are deleted.
    pub deleted: BTreeSet<UserId>,
    /// They all have higher unique IDs than everybody in the file.
    pub all_last: bool,
    /// People who are missing from the file and stay.
    pub protected: BTreeMap<UserId, Protection>,
    /// Lines that cannot be taken.
    pub refused: BTreeSet<u64>,
    /// Why nobody is deleted, though it was asked for.
    pub objections: Vec<CannotSynchronize>,
}

/// Plans an import by somebody who may change everybody in the snapshot.
pub fn plan(places: &[Place], people: &[Person], rows: &[Row], asked: &Asked) -> Plan {
    let matched: Vec<(&Row, Option<&Person>)> = rows.iter().map(|row| (row, whom(people, row))).collect();
    let mut plan = Plan::default();
    let mut wanted: BTreeMap<u64, (Option<&Person>, Wanted)> = BTreeMap::new();
    for (row, person) in &matched {
        match want(places, row, *person, asked) {
            Some(becomes) => drop(wanted.insert(row.line, (*person, becomes))),
            None => drop(plan.refused.insert(row.line)),
        }
    }
    plan.refused.extend(asked.unreadable.iter().map(|row| row.line));
    let all_rows = rows.iter().chain(&asked.unreadable).map(|row| (row, whom(people, row))).collect::<Vec<_>>();
    plan.refused.extend(twice(&all_rows, asked));
    refuse_taken(people, &wanted, &mut plan.refused);

    for (line, (person, becomes)) in wanted.into_iter().filter(|(line, _)| !plan.refused.contains(line)) {
        match person {
            None => drop(plan.created.insert(line, becomes)),
            Some(person) if differs(person, &becomes) => drop(plan.changed.insert(person.id, (line, becomes))),
            Some(person) => drop(plan.unchanged.insert(person.id)),
        }
    }
    let known: BTreeSet<UserId> = matched.iter().filter_map(|(_, person)| person.map(|person| person.id)).collect();
    if asked.synchronize {
        plan.objections = objections(&Facts {
            rows: rows.len() as u64,
            known: known.len() as u64,
            refused: plan.refused.len() as u64,
            exports: asked.exports.clone(),
        });
        if plan.objections.is_empty() {
            judge_missing(places, people, &known, asked, &mut plan);
            plan.all_last = plan.deleted.first() > known.last() && !plan.deleted.is_empty();
        }
    }
    plan
}

fn whom<'p>(people: &'p [Person], row: &Row) -> Option<&'p Person> {
    match row.user_id {
        Some(id) => people.iter().find(|person| person.id == id),
        None => {
            let username = row.username.as_ref()?.to_lowercase();
            people.iter().find(|person| person.username.to_lowercase() == username)
        }
    }
}

/// What the row makes of the person; `None` when it cannot be taken by itself.
fn want(places: &[Place], row: &Row, person: Option<&Person>, asked: &Asked) -> Option<Wanted> {
    if row.user_id.is_some() && person.is_none() {
        return None;
    }
    let has = |column| person.is_none() || asked.columns.contains(column);
    let text = |column, value: &Option<String>, is: fn(&Person) -> &String| match (has(column), person) {
        (false, Some(person)) => Some(is(person).clone()),
        _ => value.clone(),
    };
    let organisation = match (&row.organisation, person) {
        (Some(path), _) => named(places, path)?,
        (None, Some(person)) if !asked.columns.contains("organisation") => person.organisation,
        (None, _) => asked.organisation,
    };
    let becomes = Wanted {
        username: text("username", &row.username, |person| &person.username)?,
        email: text("email", &row.email, |person| &person.email)?,
        first_name: text("first_name", &row.first_name, |person| &person.first_name)?,
        last_name: text("last_name", &row.last_name, |person| &person.last_name)?,
        organisation,
        expires_on: match person {
            Some(person) if !has("account_expires_on") => person.expires_on,
            _ => row.expires_on,
        },
        roles: asked.columns.contains("roles").then(|| row.roles.clone().unwrap_or_default()),
    };
    let inside = places.iter().any(|place| place.id == organisation && place.inside);
    let lost_zeros = person.is_some_and(|person| lost_zeros(&person.username, &becomes.username));
    let texts = [
        (person.map(|person| &person.username), &becomes.username),
        (person.map(|person| &person.first_name), &becomes.first_name),
        (person.map(|person| &person.last_name), &becomes.last_name),
    ];
    let lost_letters = texts.iter().any(|(was, text)| lost_letters(was.map_or("", String::as_str), text));
    let own = person.filter(|person| person.id == asked.by);
    let own_standing = own.is_some_and(|own| {
        becomes.organisation != own.organisation
            || becomes.roles.as_ref().is_some_and(|roles| *roles != roles_at_home(own))
            || becomes.expires_on.is_some_and(|day| own.expires_on.is_none_or(|was| day < was))
    });
    let of_a_part = !places.iter().any(|place| place.id == organisation && place.root)
        && gains(person, &becomes, Role::AccountManager);
    let sendable = person.is_some_and(|person| person.email == becomes.email) || is_sendable(&becomes.email);
    (inside && !lost_zeros && !lost_letters && !own_standing && !of_a_part && sendable).then_some(becomes)
}

/// The whole path, else the end of one that only one organisation inside has.
fn named(places: &[Place], path: &str) -> Option<OrganisationId> {
    let inside = || places.iter().filter(|place| place.inside);
    if let Some(place) = inside().find(|place| place.path == path) {
        return Some(place.id);
    }
    let ending = format!(" > {path}");
    let mut found = inside().filter(|place| place.path.ends_with(&ending));
    match (found.next(), found.next()) {
        (Some(place), None) => Some(place.id),
        _ => None,
    }
}

/// A role that is not held yet, or not on that organisation.
fn gains(person: Option<&Person>, becomes: &Wanted, role: Role) -> bool {
    let stays = person.is_some_and(|person| {
        person.organisation == becomes.organisation && person.roles.contains(&(role, person.organisation))
    });
    !stays && becomes.roles.as_ref().is_some_and(|roles| roles.contains(&role))
}

fn roles_at_home(person: &Person) -> BTreeSet<Role> {
    held(person, person.organisation)
}

/// Roles on the home organisation, or on the one that somebody is moved to.
fn held(person: &Person, to: OrganisationId) -> BTreeSet<Role> {
    let counts = |place: OrganisationId| place == person.organisation || place == to;
    person.roles.iter().filter(|(_, place)| counts(*place)).map(|(role, _)| *role).collect()
}

fn differs(person: &Person, becomes: &Wanted) -> bool {
    let moved = person.organisation != becomes.organisation;
    person.username != becomes.username
        || person.email != becomes.email
        || person.first_name != becomes.first_name
        || person.last_name != becomes.last_name
        || moved
        || person.expires_on != becomes.expires_on
        || roles_change(person, becomes)
}

/// The file has other roles for the home organisation, or the same ones for another.
fn roles_change(person: &Person, becomes: &Wanted) -> bool {
    let moved = person.organisation != becomes.organisation;
    becomes
        .roles
        .as_ref()
        .is_some_and(|roles| *roles != held(person, becomes.organisation) || (moved && !roles.is_empty()))
}

/// Lines that name the same person, or want the same new username or e-mail address, whatever else is wrong with
/// them, also where they cannot be read: nobody can say which one is right.
fn twice(matched: &[(&Row, Option<&Person>)], asked: &Asked) -> BTreeSet<u64> {
    fn doubles<K: Ord>(lines: impl Iterator<Item = (K, u64)>) -> impl Iterator<Item = u64> {
        let mut by_key: BTreeMap<K, Vec<u64>> = BTreeMap::new();
        lines.for_each(|(key, line)| by_key.entry(key).or_default().push(line));
        by_key.into_values().filter(|lines| lines.len() > 1).flatten()
    }
    let people = matched.iter().filter_map(|(row, person)| person.map(|person| (person.id, row.line)));
    let fresh = |column, value: fn(&Row) -> &Option<String>, is: fn(&Person) -> &String| {
        let told = matched.iter().filter(move |(_, person)| person.is_none() || asked.columns.contains(column));
        told.filter_map(move |(row, person)| {
            let key = value(row).as_ref()?.to_lowercase();
            let kept = person.is_some_and(|person| is(person).to_lowercase() == key);
            (!kept).then_some((key, row.line))
        })
    };
    doubles(people)
        .chain(doubles(fresh("username", |row| &row.username, |person| &person.username)))
        .chain(doubles(fresh("email", |row| &row.email, |person| &person.email)))
        .collect()
}

/// Lines that want what somebody has who keeps it. Whose line is refused keeps it too.
fn refuse_taken(people: &[Person], wanted: &BTreeMap<u64, (Option<&Person>, Wanted)>, refused: &mut BTreeSet<u64>) {
    loop {
        let keeps = |holder: &Person, is: fn(&Person) -> &String, value: fn(&Wanted) -> &String| {
            !wanted.iter().any(|(line, (person, becomes))| {
                person.is_some_and(|person| person.id == holder.id)
                    && !refused.contains(line)
                    && value(becomes).to_lowercase() != is(holder).to_lowercase()
            })
        };
        let taken = |person: Option<&Person>, is: fn(&Person) -> &String, value: fn(&Wanted) -> &String, key: &str| {
            let key = key.to_lowercase();
            people.iter().any(|holder| {
                person.is_none_or(|person| person.id != holder.id)
                    && is(holder).to_lowercase() == key
                    && keeps(holder, is, value)
            })
        };
        let more: Vec<u64> = wanted
            .iter()
            .filter(|(line, _)| !refused.contains(line))
            .filter(|(_, (person, becomes))| {
                taken(*person, |person| &person.username, |becomes| &becomes.username, &becomes.username)
                    || taken(*person, |person| &person.email, |becomes| &becomes.email, &becomes.email)
            })
            .map(|(line, _)| *line)
            .collect();
        if more.is_empty() {
            return;
        }
        refused.extend(more);
    }
}

/// Whoever is inside and in no row goes, unless something protects them.
fn judge_missing(places: &[Place], people: &[Person], known: &BTreeSet<UserId>, asked: &Asked, plan: &mut Plan) {
    let inside = |id| places.iter().any(|place| place.id == id && place.inside);
    let mut going: BTreeSet<UserId> = BTreeSet::new();
    for person in people.iter().filter(|person| inside(person.organisation) && !known.contains(&person.id)) {
        if person.id == asked.by {
            plan.protected.insert(person.id, Protection::Yourself);
        } else if person.joined_since {
            plan.protected.insert(person.id, Protection::JoinedSince);
        } else {
            going.insert(person.id);
        }
    }
    let admins_of =
        |place: OrganisationId| people.iter().filter(move |one| one.roles.contains(&(Role::OrgAdmin, place)));
    let lasts = |expires_on: Option<NaiveDate>| expires_on.is_none_or(|day| day >= asked.today);
    // who is changed by this very import may lose the role by it, and lose the account or get it back
    let keeps = |one: &Person, place: OrganisationId| match plan.changed.get(&one.id) {
        None => lasts(one.expires_on),
        Some((_, becomes)) => {
            let keeps_role = becomes.roles.as_ref().is_none_or(|roles| {
                let left_behind = becomes.organisation != one.organisation && one.organisation == place;
                let taken = becomes.organisation == place && !roles.contains(&Role::OrgAdmin);
                !roles_change(one, becomes) || (!left_behind && !taken)
            });
            lasts(becomes.expires_on) && keeps_role
        }
    };
    let stays = |one: &Person, place: OrganisationId| !going.contains(&one.id) && keeps(one, place);
    let made: BTreeSet<OrganisationId> = plan
        .changed
        .iter()
        .filter(|(id, (_, becomes))| people.iter().any(|one| one.id == **id && roles_change(one, becomes)))
        .map(|(_, (_, becomes))| becomes)
        .chain(plan.created.values())
        .filter(|becomes| becomes.roles.as_ref().is_some_and(|roles| roles.contains(&Role::OrgAdmin)))
        .filter(|becomes| lasts(becomes.expires_on))
        .map(|becomes| becomes.organisation)
        .collect();
    let (mut deleted, mut last_admins) = (BTreeSet::new(), BTreeSet::new());
    let left = |place: OrganisationId| made.contains(&place) || admins_of(place).any(|one| stays(one, place));
    for person in people.iter().filter(|person| going.contains(&person.id)) {
        let last = person.roles.iter().any(|(role, place)| *role == Role::OrgAdmin && !left(*place));
        if last {
            last_admins.insert(person.id);
        } else {
            deleted.insert(person.id);
        }
    }
    plan.protected.extend(last_admins.into_iter().map(|id| (id, Protection::LastOrgAdmin)));
    plan.deleted = deleted;
}

//! Fills an empty database.

use std::io::Cursor;

use chrono::{DateTime, Days, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Date, Timestamptz};

use super::accounts::ACCOUNTS;
use super::company::{EXPERIENCES, UNITS, Unit};
use super::people::Dice;
use crate::db::audit::Audited;
use crate::db::prepared::prepared;
use crate::domain::access::Role;
use crate::error::AppError;
use crate::features::takeover::commands::{Files, load};
use crate::schema::{organisations, role_grants, users};

/// Every first start throws the same.
const SEED: u64 = 20_261_124;

/// The files of a takeover, as text.
struct Csv {
    organisations: csv::Writer<Vec<u8>>,
    users: csv::Writer<Vec<u8>>,
    experiences: csv::Writer<Vec<u8>>,
    enrolments: csv::Writer<Vec<u8>>,
}

/// Makes the demo data unless there is an organisation or a user already; tells whether it did.
pub fn fill_if_empty(conn: &mut PgConnection, now: DateTime<Utc>) -> Result<Audited<bool>, AppError> {
    let today = now.date_naive();
    let organisations: i64 = organisations::table.count().get_result(conn)?;
    let people: i64 = users::table.count().get_result(conn)?;
    if organisations + people > 0 {
        return Ok(Audited::unchanged(false));
    }
    let loaded = load(conn, files(today)?)?;
    create_vendor_people(conn)?;
    prepared(include_str!("agreements.sql")).bind::<Date, _>(today).execute(conn)?;
    prepared(include_str!("history.sql")).bind::<Date, _>(today).execute(conn)?;
    prepared(include_str!("activity.sql")).bind::<Timestamptz, _>(now).execute(conn)?;
    loaded.try_map(|outcome| match outcome {
        Ok(_) => Ok(true),
        Err(refused) => Err(AppError::Internal(anyhow::anyhow!("the demo data is refused: {refused:?}"))),
    })
}

fn files(today: NaiveDate) -> Result<Files, AppError> {
    let mut csv = Csv {
        organisations: csv::Writer::from_writer(Vec::new()),
        users: csv::Writer::from_writer(Vec::new()),
        experiences: csv::Writer::from_writer(Vec::new()),
        enrolments: csv::Writer::from_writer(Vec::new()),
    };
    csv.write(today).map_err(AppError::internal)?;
    let reader = |writer: csv::Writer<Vec<u8>>| -> Result<Option<Box<dyn std::io::Read>>, AppError> {
        let bytes = writer.into_inner().map_err(|error| AppError::internal(error.into_error()))?;
        Ok(Some(Box::new(Cursor::new(bytes))))
    };
    Ok(Files {
        organisations: reader(csv.organisations)?,
        users: reader(csv.users)?,
        experiences: reader(csv.experiences)?,
        enrolments: reader(csv.enrolments)?,
    })
}

impl Csv {
    fn write(&mut self, today: NaiveDate) -> csv::Result<()> {
        self.organisations.write_record(["name", "parent", "user_limit", "time_zone"])?;
        self.users.write_record(["username", "email", "first_name", "last_name", "organisation", "roles"])?;
        self.experiences.write_record(["code", "title", "organisation"])?;
        self.enrolments.write_record([
            "username",
            "experience",
            "starts_on",
            "expires_on",
            "completed_on",
            "result",
        ])?;

        let mut dice = Dice::new(SEED);
        for (code, title, owner) in EXPERIENCES {
            self.experiences.write_record([code, title, owner])?;
        }
        for account in ACCOUNTS {
            let Some(home) = account.home else { continue };
            let roles = account.role.map_or("", Role::code);
            let email = email(account.username, home);
            self.users.write_record([account.username, &email, account.name.0, account.name.1, home, roles])?;
        }
        self.enrolment("learner", "ONBOARD", today, Kind::Completed, &mut dice)?;
        self.enrolment("learner", "SEC-101", today, Kind::Live, &mut dice)?;

        let mut number = 0;
        for unit in &UNITS {
            let (parent, name) = unit.path.rsplit_once(" > ").unwrap_or(("", unit.path));
            let limit = unit.user_limit.map_or(String::new(), |limit| limit.to_string());
            let time_zone = if parent.is_empty() { "Europe/London" } else { "" };
            self.organisations.write_record([name, parent, &limit, time_zone])?;
            for person in 0..unit.people {
                number += 1;
                self.person(unit, number, person < unit.active, today, &mut dice)?;
            }
        }
        Ok(())
    }

    fn person(&mut self, unit: &Unit, number: u32, active: bool, today: NaiveDate, dice: &mut Dice) -> csv::Result<()> {
        let (first, last) = dice.name();
        let username = format!("{}.{}{number}", ascii(first), ascii(last));
        self.users.write_record([&username, &email(&username, unit.path), first, last, unit.path, ""])?;

        // learning experiences that are open to the unit, in an order of the person's own
        let mut open: Vec<&str> =
            EXPERIENCES.iter().filter(|(_, _, owner)| is_within(unit.path, owner)).map(|(code, _, _)| *code).collect();
        let wanted = if active { 1 + dice.below(5) } else { dice.below(8) };
        for index in 0..wanted.min(open.len()) {
            let code = open.swap_remove(dice.below(open.len()));
            let kind = match (active, index, dice.below(10)) {
                (true, 0, _) | (true, _, 0..=2) => Kind::Live,
                (_, _, 3..=5) => Kind::Expired,
                (_, _, 6) => Kind::Coming,
                _ => Kind::Completed,
            };
            self.enrolment(&username, code, today, kind, dice)?;
        }
        Ok(())
    }

    fn enrolment(
        &mut self,
        username: &str,
        code: &str,
        today: NaiveDate,
        kind: Kind,
        dice: &mut Dice,
    ) -> csv::Result<()> {
        let day = |offset: i64| {
            let days = Days::new(offset.unsigned_abs());
            if offset < 0 { today.checked_sub_days(days) } else { today.checked_add_days(days) }
                .unwrap_or(today)
                .to_string()
        };
        let (starts, expires, completed) = match kind {
            Kind::Live => {
                let starts = dice.days(-240, -1);
                let expires = (dice.below(7) > 0).then(|| dice.days(1, 200));
                let completed = (dice.below(4) == 0).then(|| dice.days(starts, -1));
                (starts, expires, completed)
            }
            Kind::Expired => (dice.days(-500, -200), Some(dice.days(-190, -2)), None),
            Kind::Coming => (dice.days(5, 60), Some(dice.days(90, 240)), None),
            Kind::Completed => {
                let expires = dice.days(-190, -2);
                (dice.days(-500, -260), Some(expires), Some(dice.days(-250, expires)))
            }
        };
        let result = if completed.is_some() { ["Pass", "Pass", "Distinction"][dice.below(3)] } else { "" };
        let optional = |offset: Option<i64>| offset.map_or(String::new(), day);
        self.enrolments.write_record([username, code, &day(starts), &optional(expires), &optional(completed), result])
    }
}

/// What an enrolment is like, seen from today.
#[derive(Clone, Copy)]
enum Kind {
    Live,
    Expired,
    Coming,
    Completed,
}

fn is_within(path: &str, owner: &str) -> bool {
    path == owner || path.strip_prefix(owner).is_some_and(|rest| rest.starts_with(" > "))
}

fn email(username: &str, home: &str) -> String {
    let domain = if is_within(home, "Globex") { "globex.example" } else { "acme.example" };
    format!("{username}@{domain}")
}

/// Lower case, without accents, for usernames.
fn ascii(name: &str) -> String {
    name.to_lowercase()
        .chars()
        .map(|c| match c {
            'á' | 'ă' => 'a',
            'ć' | 'č' => 'c',
            'é' => 'e',
            'í' | 'ı' => 'i',
            'ñ' => 'n',
            'ó' => 'o',
            'ř' => 'r',
            'ú' => 'u',
            c => c,
        })
        .filter(char::is_ascii_alphanumeric)
        .collect()
}

/// The instance admin and the account manager belong to no customer.
fn create_vendor_people(conn: &mut PgConnection) -> Result<(), AppError> {
    let acme: uuid::Uuid =
        organisations::table.filter(organisations::name.eq("Acme Group")).select(organisations::id).first(conn)?;
    let vendor: Vec<_> = ACCOUNTS.iter().filter(|account| account.home.is_none()).collect();
    let people: Vec<_> = vendor
        .iter()
        .map(|account| {
            (
                users::username.eq(account.username),
                users::email.eq(format!("{}@headroom.example", account.username)),
                users::first_name.eq(account.name.0),
                users::last_name.eq(account.name.1),
            )
        })
        .collect();
    let ids: Vec<uuid::Uuid> =
        diesel::insert_into(users::table).values(people).returning(users::id).get_results(conn)?;
    let grants: Vec<_> = ids
        .into_iter()
        .zip(vendor)
        .filter_map(|(id, account)| {
            let role = account.role?;
            let organisation = (role != Role::InstanceAdmin).then_some(acme);
            Some((
                role_grants::user_id.eq(id),
                role_grants::role.eq(role.code()),
                role_grants::organisation_id.eq(organisation),
            ))
        })
        .collect();
    diesel::insert_into(role_grants::table).values(grants).execute(conn)?;
    Ok(())
}

//! What the clients try, over and over.

use std::collections::BTreeMap;
use std::time::Instant;

use chrono::{Days, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Date, Integer, Nullable, Text, Uuid as SqlUuid};
use rand::RngExt;
use rand::rngs::StdRng;
use uuid::Uuid;

use crate::place::Place;
use crate::support::Visitor;

/// How many answers of which kind there were, and those that should not have been.
#[derive(Default)]
pub struct Attempts {
    pub answers: BTreeMap<(&'static str, u16), u32>,
    pub errors: Vec<String>,
}

impl Attempts {
    pub fn add(&mut self, other: Attempts) {
        for (answer, count) in other.answers {
            *self.answers.entry(answer).or_default() += count;
        }
        self.errors.extend(other.errors);
    }
}

/// One browser, and who sits before it.
pub struct Client {
    pub visitor: Visitor,
    /// To find out what there is to be changed.
    pub conn: PgConnection,
    pub random: StdRng,
    pub place: Place,
    /// Audit entries of own changes.
    pub undoable: Vec<String>,
    pub attempts: Attempts,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct Account {
    #[diesel(sql_type = Text)]
    username: String,
    #[diesel(sql_type = Text)]
    email: String,
    #[diesel(sql_type = Text)]
    first_name: String,
    #[diesel(sql_type = Text)]
    last_name: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    organisation_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Date>)]
    expires_on: Option<chrono::NaiveDate>,
}

type Form = Vec<(&'static str, String)>;

impl Client {
    pub fn work(mut self, until: Instant) -> Attempts {
        while Instant::now() < until {
            if let Err(error) = self.attempt() {
                self.attempts.errors.push(format!("{error:#}"));
                break;
            }
        }
        self.attempts
    }

    /// Whoever may not do it gets a refusal, which is fine.
    fn attempt(&mut self) -> anyhow::Result<()> {
        match self.random.random_range(0..26) {
            0..=3 => self.change_ticked("expiry"),
            4..=5 => self.change_matching(),
            6 => self.change_ticked("due"),
            7 => self.change_ticked("completion"),
            8 => self.change_ticked("reset"),
            9..=10 => self.change_ticked("delete"),
            11..=12 => self.undo(),
            13..=14 => self.enrol(),
            15..=16 => self.expire_people(),
            17..=18 => self.change_people(),
            19..=20 => self.edit(),
            21 => self.delete_one(),
            22 => self.restore(),
            23 => self.complete(),
            24 => self.look(),
            _ => self.fold(),
        }
    }

    fn date(&mut self) -> String {
        let days = self.random.random_range(0..400);
        (Utc::now().date_naive() - Days::new(200) + Days::new(days)).to_string()
    }

    fn experience(&mut self) -> Uuid {
        self.place.experiences[self.random.random_range(0..self.place.experiences.len())]
    }

    fn region(&mut self) -> Uuid {
        self.place.regions[self.random.random_range(0..self.place.regions.len())]
    }

    /// Rows of one region, the same few for all clients.
    fn ids(&mut self, sql: &str, of: Uuid) -> anyhow::Result<Form> {
        let (region, count) = (self.region(), self.random.random_range(1..15));
        let mut rows: Vec<Id> = diesel::sql_query(sql)
            .bind::<SqlUuid, _>(region)
            .bind::<Integer, _>(count)
            .bind::<Integer, _>(self.random.random_range(0..30))
            .bind::<SqlUuid, _>(of)
            .load(&mut self.conn)?;
        if self.random.random_bool(0.5) {
            rows.reverse();
        }
        Ok(rows.into_iter().map(|row| ("ids", row.id.to_string())).collect())
    }

    fn enrolments(&mut self, experience: Uuid) -> anyhow::Result<Form> {
        let sql = "select e.id from enrolments e join users u on u.id = e.user_id
             where u.organisation_id = $1 and e.experience_id = $4 order by u.username limit $2 offset $3";
        self.ids(sql, experience)
    }

    fn people(&mut self) -> anyhow::Result<Form> {
        let sql = "select id from users where organisation_id = $1 and username not like 'soak%' and id <> $4
             order by username limit $2 offset $3";
        self.ids(sql, Uuid::nil())
    }

    fn send(&mut self, what: &'static str, path: &str, form: &Form) -> anyhow::Result<()> {
        let response = self.visitor.send(path, form)?;
        let status = response.status().as_u16();
        *self.attempts.answers.entry((what, status)).or_default() += 1;
        if let Some(location) = response.headers().get("location").and_then(|value| value.to_str().ok()) {
            let entry = location.split_once("done=").map(|(_, rest)| rest.split('&').next().unwrap_or_default());
            self.undoable.extend(entry.filter(|entry| entry.len() == 36).map(str::to_owned));
        }
        if status >= 500 && status != 503 {
            let text = response.text()?;
            self.attempts.errors.push(format!("{status} at {path}: {}", text.len()));
        }
        Ok(())
    }

    fn change_ticked(&mut self, change: &'static str) -> anyhow::Result<()> {
        let experience = self.experience();
        let mut form = self.enrolments(experience)?;
        let today = Utc::now().date_naive().to_string();
        match change {
            "expiry" => form.push(("expires_on", self.date())),
            "due" => form.push(("due_on", self.date())),
            "completion" => form.push(("completed_on", today)),
            _ => {}
        }
        self.send(change, &format!("/experiences/{experience}/enrolments/{change}"), &form)
    }

    fn change_matching(&mut self) -> anyhow::Result<()> {
        let (experience, region) = (self.experience(), self.region());
        let mut form: Form = vec![("all", "1".into()), ("expires_on", self.date())];
        if self.random.random_bool(0.8) {
            form.push(("organisation", region.to_string()));
        }
        self.send("expiry of all", &format!("/experiences/{experience}/enrolments/expiry"), &form)
    }

    fn undo(&mut self) -> anyhow::Result<()> {
        let Some(entry) = self.undoable.pop() else { return Ok(()) };
        self.send("undo", "/enrolments/undo", &vec![("entry", entry)])
    }

    fn enrol(&mut self) -> anyhow::Result<()> {
        let experience = self.experience();
        let mut form = self.people()?;
        form.push(("starts_on", Utc::now().date_naive().to_string()));
        self.send("enrol", &format!("/experiences/{experience}/enrol"), &form)
    }

    /// Now and then for everybody, which is done in the background.
    fn expire_people(&mut self) -> anyhow::Result<()> {
        let everybody = self.random.random_bool(0.05);
        let mut form = if everybody { vec![("all", "1".into())] } else { self.people()? };
        form.push(("expires_on", self.date()));
        self.send(if everybody { "expire everybody" } else { "expire people" }, "/users/expire", &form)
    }

    fn change_people(&mut self) -> anyhow::Result<()> {
        let mut form = self.people()?;
        match self.random.random_range(0..3) {
            0 => {
                form.push(("move_to", self.region().to_string()));
                self.send("move people", "/users/move", &form)
            }
            1 => {
                form.push(("expires_on", self.date()));
                self.send("account expiry of people", "/users/account-expiry", &form)
            }
            _ => self.send("delete people", "/users/delete", &form),
        }
    }

    fn one(&mut self) -> anyhow::Result<Option<String>> {
        Ok(self.people()?.into_iter().next().map(|(_, id)| id))
    }

    fn edit(&mut self) -> anyhow::Result<()> {
        let Some(id) = self.one()? else { return Ok(()) };
        let found: Option<Account> = diesel::sql_query("select * from users where id = $1")
            .bind::<SqlUuid, _>(id.parse::<Uuid>()?)
            .get_result(&mut self.conn)
            .optional()?;
        let Some(account) = found else { return Ok(()) };
        let organisation = if self.random.random_bool(0.5) { Some(self.region()) } else { account.organisation_id };
        let expires = if self.random.random_bool(0.5) {
            self.date()
        } else {
            account.expires_on.map(|date| date.to_string()).unwrap_or_default()
        };
        let form: Form = vec![
            ("username", account.username),
            ("email", account.email),
            ("first_name", account.first_name),
            ("last_name", account.last_name),
            ("organisation", organisation.map(|id| id.to_string()).unwrap_or_default()),
            ("expires_on", expires),
        ];
        self.send("edit", &format!("/users/{id}"), &form)
    }

    fn delete_one(&mut self) -> anyhow::Result<()> {
        let Some(id) = self.one()? else { return Ok(()) };
        self.send("delete", &format!("/users/{id}/delete"), &Form::new())
    }

    fn restore(&mut self) -> anyhow::Result<()> {
        let deleted: Vec<Id> = diesel::sql_query("select user_id as id from deleted_users order by deleted_at limit 5")
            .load(&mut self.conn)?;
        for row in deleted {
            self.send("restore", &format!("/users/{}/restore", row.id), &Form::new())?;
        }
        Ok(())
    }

    fn complete(&mut self) -> anyhow::Result<()> {
        let experience = self.experience();
        self.send("complete", &format!("/learn/{experience}/complete"), &Form::new())
    }

    fn look(&mut self) -> anyhow::Result<()> {
        let (root, region, experience) = (self.place.root, self.region(), self.experience());
        let date = self.date();
        for path in [
            format!("/organisations/{root}/licenses"),
            "/users?q=student&status=active&sort=organisation".to_owned(),
            format!("/users?organisation={region}&status=inactive"),
            format!("/experiences/{experience}/enrolments/expiry?all=1&expires_on={date}"),
            "/learn".to_owned(),
        ] {
            let response = self.visitor.ask(&path)?;
            let status = response.status().as_u16();
            *self.attempts.answers.entry(("look", status)).or_default() += 1;
            if status >= 500 && status != 503 {
                self.attempts.errors.push(format!("{status} at {path}"));
            }
        }
        Ok(())
    }

    /// Housekeeping, more often than once an hour.
    fn fold(&mut self) -> anyhow::Result<()> {
        let day = Utc::now().date_naive() - Days::new(self.random.random_range(0..300));
        diesel::sql_query("select license_fold($1)").bind::<Date, _>(day).execute(&mut self.conn)?;
        Ok(())
    }
}

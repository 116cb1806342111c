//! The traps of Import Users and Synchronize (`docs/import.md`): what a file does that is not what it seems to be.
//! Bytes go in as they are uploaded and are read, planned and applied as the program does it.

mod files;
mod guards;
mod rows;
mod together;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Nullable, Text, Uuid as SqlUuid};
use headroom::db;
use headroom::db::audit::{Actor, Audited};
use headroom::domain::csv_text::escape;
use headroom::domain::sync::guards::CannotSynchronize;
use headroom::domain::users_csv::COLUMNS;
use headroom::features::imports::commands::{self, Applied, Confirm, Missing, Upload};
use headroom::features::imports::planning::Counts;
use headroom::features::imports::queries::{self, Kind, import};
use headroom::ids::{ImportId, OrganisationId, UserId};
use headroom::schema::{audit_entries, exports, import_plan, users};
use headroom::web::guards::{Allowed, Import as MayImport, SignedIn};
use uuid::Uuid;

use crate::support::builders;
use crate::support::database::TestDatabase;

/// How many people there are in East, `east-0` and so on.
const EAST: usize = 20;
/// And in Acme itself, with its org admin `admin`.
const TOP: usize = 10;

/// "Acme" with "East" and "West", where nobody is; another tree "Globex" with `stranger`.
pub struct Place {
    database: TestDatabase,
    pub acme: Uuid,
    east: Uuid,
    west: Uuid,
    globex: Uuid,
    pub admin: Uuid,
}

pub fn place() -> Place {
    let database = TestDatabase::new();
    let conn = &mut database.connect();
    let acme = builders::root(conn, "Acme", None);
    let east = builders::child(conn, acme, "East", None);
    let west = builders::child(conn, acme, "West", None);
    let globex = builders::root(conn, "Globex", None);
    let admin = builders::user(conn, Some(acme), "admin");
    builders::grant(conn, admin, "org_admin", Some(acme));
    builders::user(conn, Some(globex), "stranger");
    for (home, name, count) in [(east, "east", EAST), (acme, "top", TOP - 1)] {
        for number in 0..count {
            builders::user(conn, Some(home), &format!("{name}-{number}"));
        }
    }
    diesel::sql_query("update users set created_at = '2026-01-01', in_organisation_since = '2026-01-01'")
        .execute(conn)
        .unwrap();
    Place { database, acme, east, west, globex, admin }
}

/// What was planned.
#[derive(Debug)]
pub struct Plan {
    pub id: ImportId,
    seen: String,
    counts: Counts,
    refusal: Option<String>,
}

impl Plan {
    /// Created, changed, deleted, protected, refused.
    pub fn figures(&self) -> [u64; 5] {
        let Counts { created, changed, deleted, protected, refused, .. } = self.counts;
        [created, changed, deleted, protected, refused]
    }

    pub fn objections(&self) -> &[CannotSynchronize] {
        &self.counts.objections
    }
}

impl Place {
    pub fn conn(&self) -> PgConnection {
        self.database.connect()
    }

    pub fn by(&self, id: Uuid) -> Allowed<MayImport> {
        let person = SignedIn::for_account(&mut self.conn(), UserId(id), Utc::now()).unwrap();
        Allowed::new(person.unwrap()).unwrap()
    }

    /// An upload by the org admin, read and planned.
    pub fn import(&self, organisation: Uuid, synchronize: bool, file: impl AsRef<[u8]>) -> Plan {
        let (by, id, now, file) = (self.by(self.admin), ImportId(Uuid::now_v7()), Utc::now(), file.as_ref());
        let conn = &mut self.conn();
        let actor = by.by().actor();
        for (number, piece) in (0..).zip(file.chunks(commands::PIECE)) {
            db::write(conn, &actor, |conn| commands::store_piece(conn, &by, id, number, piece, now)).unwrap();
        }
        let upload = Upload {
            id,
            organisation: OrganisationId(organisation),
            synchronize,
            file_name: "users.csv".to_owned(),
            bytes: file.len() as u64,
            began_at: now,
            survey: None,
        };
        db::write(conn, &actor, |conn| commands::create(conn, &by, &upload, now)).unwrap();
        db::write(conn, &actor, |conn| commands::read(conn, &by, id, now, &|_| {})).unwrap();
        self.plan(id)
    }

    pub fn synchronize(&self, file: impl AsRef<[u8]>) -> Plan {
        self.import(self.acme, true, file)
    }

    /// The plan of an import as it is now.
    pub fn plan(&self, id: ImportId) -> Plan {
        let found = import(&mut self.conn(), &self.by(self.admin), id).unwrap();
        Plan {
            id,
            seen: found.fingerprint.clone().unwrap_or_default(),
            counts: found.counts().unwrap_or_default(),
            refusal: found.reading().refusal,
        }
    }

    pub fn apply(&self, plan: &Plan) -> Applied {
        self.apply_typed(plan, Some(plan.counts.deleted))
    }

    pub fn apply_typed(&self, plan: &Plan, typed: Option<u64>) -> Applied {
        let confirm = Confirm { import: plan.id, seen: plan.seen.clone(), missing: Missing::Delete, typed };
        let by = self.by(self.admin);
        db::write(&mut self.conn(), &by.by().actor(), |conn| commands::apply(conn, &by, &confirm, Utc::now(), &|_| {}))
            .unwrap()
    }

    /// Refusals as `line column: reason`.
    pub fn refused(&self, plan: &Plan) -> Vec<String> {
        let conn = &mut self.conn();
        let found = import(conn, &self.by(self.admin), plan.id).unwrap();
        let refused = queries::refused(conn, &found, None, 1, 100).unwrap();
        refused
            .into_iter()
            .map(|row| format!("{} {}: {}", row.line, row.column_name.unwrap_or_default(), row.reason))
            .collect()
    }

    /// Usernames of a kind, with the reason why somebody is protected.
    pub fn people(&self, plan: &Plan, kind: Kind) -> Vec<(String, Option<String>)> {
        import_plan::table
            .filter(import_plan::import_id.eq(plan.id))
            .filter(import_plan::kind.eq(kind.code()))
            .order(import_plan::username)
            .select((import_plan::username, import_plan::reason))
            .load(&mut self.conn())
            .unwrap()
    }

    pub fn protected(&self, plan: &Plan) -> Vec<(String, String)> {
        let people = self.people(plan, Kind::Protect);
        people.into_iter().map(|(username, reason)| (username, reason.unwrap())).collect()
    }

    pub fn usernames(&self) -> Vec<String> {
        users::table.order(users::username).select(users::username).load(&mut self.conn()).unwrap()
    }

    pub fn id_of(&self, username: &str) -> Uuid {
        users::table.filter(users::username.eq(username)).select(users::id).first(&mut self.conn()).unwrap()
    }

    pub fn entries(&self, action: &str) -> i64 {
        audit_entries::table.filter(audit_entries::action.eq(action)).count().get_result(&mut self.conn()).unwrap()
    }

    pub fn run(&self, statement: &'static str) {
        diesel::sql_query(statement).execute(&mut self.conn()).unwrap();
    }

    /// Moves somebody as the program does it, with what the audit log keeps of that.
    pub fn moved(&self, username: &str, from: Uuid, to: Uuid) {
        let id = self.id_of(username);
        db::write(&mut self.conn(), &Actor::Operator, |conn| {
            diesel::update(users::table.find(id)).set(users::organisation_id.eq(to)).execute(conn)?;
            let [before, after] = [from, to].map(|home| Some(serde_json::json!({ "organisation_id": home })));
            let entry = db::audit::Entry::new("user.moved").change("user", id, Some(UserId(id)), before, after);
            Ok(Audited::new((), entry))
        })
        .unwrap();
    }

    /// EXPORT TO CSV of an organisation and all below it, a day ago.
    pub fn export(&self, of: Uuid) -> Sheet {
        self.export_recorded(of, true, true)
    }

    pub fn export_recorded(&self, of: Uuid, whole: bool, finished: bool) -> Sheet {
        let at = Utc::now() - TimeDelta::days(1);
        let id: Uuid = diesel::insert_into(exports::table)
            .values((
                exports::created_at.eq(at),
                exports::organisation_id.eq(of),
                exports::whole.eq(whole),
                exports::filter.eq(serde_json::json!({})),
                exports::complete_until.eq(at),
                exports::users.eq(finished.then_some(1_i64)),
                exports::finished_at.eq(finished.then_some(at)),
            ))
            .returning(exports::id)
            .get_result(&mut self.conn())
            .unwrap();
        Sheet { rows: self.rows(of, at, id) }
    }

    fn rows(&self, of: Uuid, at: DateTime<Utc>, export: Uuid) -> Vec<Vec<String>> {
        #[derive(QueryableByName)]
        struct Row {
            #[diesel(sql_type = Array<Nullable<Text>>)]
            cells: Vec<Option<String>>,
        }
        let rows: Vec<Row> = diesel::sql_query(
            "select array[u.id::text, u.username, u.email, u.first_name, u.last_name,
               path_in_scope(u.organisation_id, null),
               (select string_agg(role, ';' order by role) from role_grants g
                where g.user_id = u.id and g.organisation_id = u.organisation_id),
               u.expires_on::text, 'false', '2026-01-01T00:00:00Z'] as cells
             from users u join organisation_closure c on c.descendant_id = u.organisation_id
             where c.ancestor_id = $1 order by u.id",
        )
        .bind::<SqlUuid, _>(of)
        .load(&mut self.conn())
        .unwrap();
        let last = [at.to_rfc3339_opts(SecondsFormat::Secs, true), export.to_string()];
        rows.into_iter()
            .map(|row| {
                let cells = row.cells.into_iter().map(|cell| escape(&cell.unwrap_or_default()).into_owned());
                cells.chain(last.clone()).collect()
            })
            .collect()
    }
}

/// An exported file in a spreadsheet.
#[derive(Clone)]
pub struct Sheet {
    rows: Vec<Vec<String>>,
}

fn column(name: &str) -> usize {
    COLUMNS.iter().position(|column| *column == name).unwrap()
}

impl Sheet {
    fn row(&mut self, username: &str) -> &mut Vec<String> {
        self.rows.iter_mut().find(|row| row[column("username")] == username).unwrap()
    }

    #[must_use]
    pub fn without(mut self, username: &str) -> Sheet {
        self.row(username);
        self.rows.retain(|row| row[column("username")] != username);
        self
    }

    #[must_use]
    pub fn with(mut self, username: &str, name: &str, value: &str) -> Sheet {
        self.row(username)[column(name)] = value.to_owned();
        self
    }

    /// The row once more, at the end.
    #[must_use]
    pub fn twice(mut self, username: &str) -> Sheet {
        let row = self.row(username).clone();
        self.rows.push(row);
        self
    }

    /// The line on which somebody stands.
    pub fn line(&self, username: &str) -> usize {
        self.rows.iter().position(|row| row[column("username")] == username).unwrap() + 2
    }

    pub fn csv(&self) -> String {
        self.written(b',', "\r\n")
    }

    pub fn written(&self, delimiter: u8, end: &str) -> String {
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
        writer.write_record(COLUMNS).unwrap();
        for row in &self.rows {
            writer.write_record(row).unwrap();
        }
        String::from_utf8(writer.into_inner().unwrap()).unwrap().replace('\n', end)
    }
}

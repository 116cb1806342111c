//! Imports are planned as sets; a model that goes person by person says the same.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::prelude::*;
use headroom::domain::access::Role;
use headroom::domain::sync::plan::{Plan, Protection, Wanted, plan};
use headroom::features::imports::commands::{self, Applied, Confirm, Missing};
use headroom::features::imports::planning::{self, Planned};
use headroom::features::imports::queries::{Import, import};
use headroom::features::licenses::verify::differences;
use headroom::ids::{ImportId, OrganisationId, UserId};
use headroom::schema::{
    enrolments, experiences, import_plan, import_refusals, import_rows, imports, organisations, role_grants, users,
};
use headroom::web::guards::{Allowed, Import as MayImport, SignedIn};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::database::TestDatabase;
use crate::support::imports::{TREE, World, cases, today, world};

pub fn now() -> DateTime<Utc> {
    "2026-11-24T12:00:00Z".parse().unwrap()
}

/// The world as rows of tables, and the file as an import that is read.
pub fn store(conn: &mut PgConnection, world: &World) -> ImportId {
    for ((name, parent), place) in TREE.iter().zip(&world.places) {
        diesel::insert_into(organisations::table)
            .values((
                organisations::id.eq(place.id),
                organisations::name.eq(name),
                organisations::parent_id.eq(parent.map(|parent| world.places[parent].id)),
                organisations::time_zone.eq(parent.is_none().then_some("UTC")),
            ))
            .execute(conn)
            .unwrap();
    }
    let experience: Uuid = diesel::insert_into(experiences::table)
        .values((
            experiences::organisation_id.eq(world.places[0].id),
            experiences::code.eq("LX"),
            experiences::title.eq("Learning"),
        ))
        .returning(experiences::id)
        .get_result(conn)
        .unwrap();
    let people: Vec<_> = world
        .people
        .iter()
        .map(|one| {
            let since = now() + TimeDelta::hours(if one.joined_since { 1 } else { -24 });
            (
                users::id.eq(one.id),
                users::organisation_id.eq(one.organisation),
                users::username.eq(&one.username),
                users::email.eq(&one.email),
                users::first_name.eq(&one.first_name),
                users::last_name.eq(&one.last_name),
                users::expires_on.eq(one.expires_on),
                users::created_at.eq(since),
                users::in_organisation_since.eq(since),
            )
        })
        .collect();
    diesel::insert_into(users::table).values(people).execute(conn).unwrap();
    let grants: Vec<_> = world
        .people
        .iter()
        .flat_map(|one| one.roles.iter().map(move |(role, place)| (one.id, role.code(), place)))
        .map(|(id, role, place)| {
            (role_grants::user_id.eq(id), role_grants::role.eq(role), role_grants::organisation_id.eq(place))
        })
        .collect();
    diesel::insert_into(role_grants::table).values(grants).execute(conn).unwrap();
    let enrolled: Vec<_> = world
        .people
        .iter()
        .map(|one| {
            let user = enrolments::user_id.eq(one.id);
            (user, enrolments::experience_id.eq(experience), enrolments::starts_on.eq(today()))
        })
        .collect();
    diesel::insert_into(enrolments::table).values(enrolled).execute(conn).unwrap();
    diesel::insert_into(role_grants::table)
        .values((role_grants::user_id.eq(world.asked.by), role_grants::role.eq("instance_admin")))
        .execute(conn)
        .unwrap();
    let ids: Vec<UserId> = world.rows.iter().filter_map(|row| row.user_id).collect();
    let columns: BTreeMap<&str, &str> = world.asked.columns.iter().map(|column| (*column, *column)).collect();
    let id = ImportId(Uuid::now_v7());
    diesel::insert_into(imports::table)
        .values((
            imports::id.eq(id),
            imports::organisation_id.eq(world.asked.organisation),
            imports::created_by.eq(world.asked.by),
            imports::created_at.eq(now()),
            imports::file_name.eq("users.csv"),
            imports::file_bytes.eq(1),
            imports::synchronize.eq(world.asked.synchronize),
            imports::state.eq("planned"),
            imports::reading.eq(json!({
                "columns": columns,
                "rows": world.rows.len() + world.asked.unreadable.len(),
                "ascending": ids.is_sorted_by(|one, next| one < next),
            })),
        ))
        .execute(conn)
        .unwrap();
    let rows: Vec<_> = world
        .rows
        .iter()
        .map(|row| {
            (
                import_rows::import_id.eq(id.0),
                import_rows::line.eq(i64::try_from(row.line).unwrap()),
                import_rows::user_id.eq(row.user_id.map(|id| id.0)),
                import_rows::username.eq(&row.username),
                import_rows::email.eq(&row.email),
                import_rows::first_name.eq(&row.first_name),
                import_rows::last_name.eq(&row.last_name),
                import_rows::organisation.eq(&row.organisation),
                import_rows::roles.eq(row.roles.as_ref().map(codes)),
                import_rows::account_expires_on.eq(row.expires_on),
            )
        })
        .collect();
    diesel::insert_into(import_rows::table).values(rows).execute(conn).unwrap();
    let unreadable: Vec<_> = world
        .asked
        .unreadable
        .iter()
        .map(|row| {
            (
                import_refusals::import_id.eq(id.0),
                import_refusals::line.eq(i64::try_from(row.line).unwrap()),
                import_refusals::of_the_file.eq(true),
                import_refusals::reason.eq("cannot be read"),
                import_refusals::user_id.eq(row.user_id.map(|id| id.0)),
                import_refusals::username.eq(&row.username),
                import_refusals::email.eq(&row.email),
            )
        })
        .collect();
    diesel::insert_into(import_refusals::table).values(unreadable).execute(conn).unwrap();
    id
}

fn codes(roles: &BTreeSet<Role>) -> String {
    roles.iter().map(|role| role.code()).collect::<Vec<_>>().join(";")
}

pub fn allowed(conn: &mut PgConnection, id: UserId) -> Allowed<MayImport> {
    Allowed::new(SignedIn::for_account(conn, id, now()).unwrap().unwrap()).unwrap()
}

pub fn planned(conn: &mut PgConnection, by: &Allowed<MayImport>, id: ImportId) -> (Import, Planned) {
    let found = import(conn, by, id).unwrap();
    let planned = planning::plan(conn, by, &found, now()).unwrap();
    (import(conn, by, id).unwrap(), planned)
}

type Row = (String, i64, UserId, Option<Value>, Option<String>);

fn rows(conn: &mut PgConnection, id: ImportId) -> Vec<Row> {
    import_plan::table
        .filter(import_plan::import_id.eq(id))
        .select((
            import_plan::kind,
            import_plan::number,
            import_plan::person_id,
            import_plan::after,
            import_plan::reason,
        ))
        .load(conn)
        .unwrap()
}

/// The stored plan says what the model says.
pub fn compare(conn: &mut PgConnection, id: ImportId, planned: &Planned, model: &Plan) -> Result<(), TestCaseError> {
    let rows = rows(conn, id);
    let of = |kind: &'static str| rows.iter().filter(move |(is, ..)| is == kind);
    let lines = |kind| of(kind).map(|(_, line, ..)| line.unsigned_abs()).collect::<BTreeSet<_>>();
    let people = |kind| of(kind).map(|(_, _, person, ..)| *person).collect::<BTreeSet<_>>();
    let refused: Vec<i64> = import_refusals::table
        .filter(import_refusals::import_id.eq(id))
        .select(import_refusals::line)
        .load(conn)
        .unwrap();
    let refused: BTreeSet<u64> = refused.into_iter().map(i64::unsigned_abs).collect();
    prop_assert_eq!(&refused, &model.refused, "refused lines");
    prop_assert_eq!(lines("create"), model.created.keys().copied().collect::<BTreeSet<_>>(), "created");
    prop_assert_eq!(people("change"), model.changed.keys().copied().collect::<BTreeSet<_>>(), "changed");
    prop_assert_eq!(people("delete"), model.deleted.clone(), "deleted");
    let protected: BTreeMap<UserId, Protection> = of("protect")
        .map(|(_, _, person, _, reason)| {
            let why = match reason.as_deref() {
                Some("yourself") => Protection::Yourself,
                Some("created_since" | "moved_in_since") => Protection::JoinedSince,
                Some("last_org_admin") => Protection::LastOrgAdmin,
                other => panic!("{other:?}"),
            };
            (*person, why)
        })
        .collect();
    prop_assert_eq!(&protected, &model.protected, "protected");
    prop_assert_eq!(&planned.counts.objections, &model.objections);
    prop_assert_eq!(planned.counts.all_last, model.all_last, "all last");
    let unchanged = usize::try_from(planned.counts.unchanged).unwrap();
    prop_assert_eq!(unchanged, model.unchanged.len(), "unchanged");
    for (_, line, person, after, _) in of("change").chain(of("create")) {
        let wanted = match model.changed.get(person) {
            Some((_, wanted)) => wanted,
            None => &model.created[&line.unsigned_abs()],
        };
        agrees(after.as_ref().unwrap(), wanted)?;
    }
    Ok(())
}

/// What the plan says of somebody is what the model wants.
fn agrees(after: &Value, wanted: &Wanted) -> Result<(), TestCaseError> {
    let text = |field: &str| after.get(field).and_then(Value::as_str).map(str::to_owned);
    let same = |field: &str, wanted: String| text(field).is_none_or(|planned| planned == wanted);
    prop_assert!(same("username", wanted.username.clone()));
    prop_assert!(same("email", wanted.email.clone()));
    prop_assert!(same("organisation_id", wanted.organisation.to_string()));
    prop_assert!(same("expires_on", wanted.expires_on.map(|day| day.to_string()).unwrap_or_default()));
    prop_assert!(same("roles", wanted.roles.as_ref().map(codes).unwrap_or_default()));
    Ok(())
}

/// Whoever the model changes or creates is as it says; whoever it deletes is gone.
pub fn check_people(conn: &mut PgConnection, model: &Plan) -> Result<(), TestCaseError> {
    let wanted: Vec<&Wanted> = model.changed.values().map(|(_, wanted)| wanted).chain(model.created.values()).collect();
    for wanted in wanted {
        let (id, email, first, last, home, expires_on): (UserId, String, String, String, Option<OrganisationId>, _) =
            users::table
                .filter(users::username.eq(&wanted.username))
                .select((
                    users::id,
                    users::email,
                    users::first_name,
                    users::last_name,
                    users::organisation_id,
                    users::expires_on,
                ))
                .first(conn)
                .unwrap();
        prop_assert_eq!(
            (&email, &first, &last, home, expires_on),
            (&wanted.email, &wanted.first_name, &wanted.last_name, Some(wanted.organisation), wanted.expires_on)
        );
        if let Some(roles) = &wanted.roles {
            let held: Vec<String> = role_grants::table
                .filter(role_grants::user_id.eq(id))
                .filter(role_grants::organisation_id.eq(wanted.organisation))
                .order(role_grants::role)
                .select(role_grants::role)
                .load(conn)
                .unwrap();
            prop_assert_eq!(held.join(";"), codes(roles));
        }
    }
    let left: i64 = users::table.filter(users::id.eq_any(&model.deleted)).count().get_result(conn).unwrap();
    prop_assert_eq!(left, 0);
    Ok(())
}

pub fn confirm(id: ImportId, planned: &Planned) -> Confirm {
    Confirm {
        import: id,
        seen: planned.fingerprint.clone(),
        missing: Missing::Delete,
        typed: Some(planned.counts.deleted),
    }
}

#[test]
fn sets_plan_and_apply_what_the_model_says() {
    let database = TestDatabase::new();
    let conn = RefCell::new(database.connect());
    let config = ProptestConfig {
        cases: cases(100),
        max_shrink_iters: 60,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    proptest!(config, |(world in world())| {
        let mut outcome = Ok(());
        let rolled_back: QueryResult<()> = conn.borrow_mut().transaction(|conn| {
            outcome = case(conn, &world);
            Err(diesel::result::Error::RollbackTransaction)
        });
        prop_assert!(rolled_back.is_err());
        outcome?;
    });
}

fn case(conn: &mut PgConnection, world: &World) -> Result<(), TestCaseError> {
    let id = store(conn, world);
    let by = allowed(conn, world.asked.by);
    let model = plan(&world.places, &world.people, &world.rows, &world.asked);
    let (_, first) = planned(conn, &by, id);
    compare(conn, id, &first, &model)?;
    let (_, again) = planned(conn, &by, id);
    prop_assert_eq!(&first, &again, "the same people give the same plan");
    let done = commands::apply(conn, &by, &confirm(id, &first), now(), &|_| {}).unwrap();
    done.map(|done| assert_eq!(done, Applied::Done));
    check_people(conn, &model)?;
    let wrong = differences(conn, today()).unwrap();
    prop_assert!(wrong.is_empty(), "license figures: {:?}", wrong);
    Ok(())
}

//! Accounts, and what the forms around them need to know.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Date, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::Serialize;
use uuid::Uuid;

use crate::db::prepared::prepared;
use crate::domain::access::{Role, grantable};
use crate::error::AppError;
use crate::ids::{ExperienceId, OrganisationId, UserId};
use crate::schema::users;
use crate::web::guards::{Allowed, Permission};

/// What of an account can be edited. Stored in the audit log under these names.
#[derive(
    Debug, Clone, Default, PartialEq, Eq, Serialize, Queryable, Selectable, QueryableByName, Insertable, AsChangeset,
)]
#[diesel(table_name = users, treat_none_as_null = true)]
pub struct Values {
    /// The home organisation; the vendor's people have none.
    pub organisation_id: Option<OrganisationId>,
    /// The name to sign in with.
    pub username: String,
    /// Where mail goes.
    pub email: String,
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Like `en` or `pt-BR`.
    pub language: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// What the person does.
    pub job_function: Option<String>,
    /// What the organisation calls the person in its own systems.
    pub organisation_reference: Option<String>,
    /// The account's last day.
    pub expires_on: Option<NaiveDate>,
}

/// An account, as a reader may see it.
#[derive(Debug, Clone, QueryableByName)]
pub struct Account {
    /// The unique ID.
    #[diesel(sql_type = SqlUuid)]
    pub id: UserId,
    /// What can be edited.
    #[diesel(embed)]
    pub values: Values,
    /// When it was made.
    #[diesel(sql_type = Timestamptz)]
    pub created_at: DateTime<Utc>,
    /// When the person last signed in.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_signed_in_at: Option<DateTime<Utc>>,
    /// The path of the home organisation, as far as the reader's scope reaches.
    #[diesel(sql_type = Nullable<Text>)]
    pub organisation: Option<String>,
    /// The day in the person's organisation.
    #[diesel(sql_type = Date)]
    pub today: NaiveDate,
    /// The reader could grant every role that the person holds, and so may edit and delete.
    #[diesel(sql_type = Bool)]
    pub manageable: bool,
    /// The person has chosen a password, or was given one.
    #[diesel(sql_type = Bool)]
    pub has_password: bool,
}

impl Account {
    /// Its last day is over.
    pub fn has_expired(&self) -> bool {
        self.values.expires_on.is_some_and(|last| last < self.today)
    }
}

/// The account, when it is within the scope.
pub fn account<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    id: UserId,
    now: DateTime<Utc>,
) -> Result<Option<Account>, AppError> {
    let reach = by.reach();
    Ok(prepared(include_str!("account.sql"))
        .bind::<SqlUuid, _>(id)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Timestamptz, _>(now)
        .bind::<Bool, _>(reach.everything)
        .bind::<Array<Text>, _>(reach.role_codes())
        .bind::<Array<SqlUuid>, _>(reach.within)
        .get_result(conn)
        .optional()?)
}

/// The account that somebody wants to change: there, within the scope, and nobody mightier's.
pub fn manageable<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    id: UserId,
    now: DateTime<Utc>,
) -> Result<Account, AppError> {
    match account(conn, by, id, now)? {
        Some(account) if account.manageable => Ok(account),
        Some(_) => Err(AppError::Beyond(BEYOND)),
        None => Err(by.refusal(conn, id)),
    }
}

/// Nobody else changes or deletes this person, or their roles, until the transaction ends.
pub fn lock_user(conn: &mut PgConnection, id: UserId) -> Result<(), AppError> {
    users::table.find(id).select(users::id).for_no_key_update().first::<UserId>(conn).optional()?;
    Ok(())
}

/// Why somebody may not change an account that they may see.
pub const BEYOND: &str = "This person holds a role that you could not grant, so you cannot change or delete the \
    account. Ask somebody who could, such as an org admin or an instance admin.";

/// One of a person's enrolments.
#[derive(Debug, QueryableByName)]
pub struct Enrolment {
    /// The learning experience.
    #[diesel(sql_type = SqlUuid)]
    pub experience_id: ExperienceId,
    /// It is open to the reader's scope.
    #[diesel(sql_type = Bool)]
    pub is_visible: bool,
    /// The learning experience's title.
    #[diesel(sql_type = Text)]
    pub title: String,
    /// First day of access.
    #[diesel(sql_type = Date)]
    pub starts_on: NaiveDate,
    /// Last day of access.
    #[diesel(sql_type = Nullable<Date>)]
    pub expires_on: Option<NaiveDate>,
    /// When it should be completed.
    #[diesel(sql_type = Nullable<Date>)]
    pub due_on: Option<NaiveDate>,
    /// When it was completed.
    #[diesel(sql_type = Nullable<Date>)]
    pub completed_on: Option<NaiveDate>,
    /// With which result.
    #[diesel(sql_type = Nullable<Text>)]
    pub result: Option<String>,
    /// With which score.
    #[diesel(sql_type = Nullable<Text>)]
    pub score: Option<String>,
    /// When the person last opened it.
    #[diesel(sql_type = Nullable<Timestamptz>)]
    pub last_accessed_at: Option<DateTime<Utc>>,
}

/// All enrolments of somebody whose account was just read.
pub fn enrolments<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    account: &Account,
) -> Result<Vec<Enrolment>, AppError> {
    Ok(prepared(include_str!("enrolments.sql"))
        .bind::<SqlUuid, _>(account.id)
        .bind::<Date, _>(account.today)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .load(conn)?)
}

/// A role that a person holds.
#[derive(Debug, QueryableByName)]
pub struct HeldRole {
    /// The grant.
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// The role's code.
    #[diesel(sql_type = Text)]
    pub role: String,
    /// The path of the organisation that it is held on, when the reader may see it.
    #[diesel(sql_type = Nullable<Text>)]
    pub organisation: Option<String>,
    /// Since when.
    #[diesel(sql_type = Timestamptz)]
    pub granted_at: DateTime<Utc>,
    /// The reader may take it.
    #[diesel(sql_type = Bool)]
    pub takeable: bool,
}

/// The roles of somebody whose account was just read, the mightiest first.
pub fn roles<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    account: &Account,
) -> Result<Vec<HeldRole>, AppError> {
    let reach = by.reach();
    Ok(prepared(include_str!("grants.sql"))
        .bind::<SqlUuid, _>(account.id)
        .bind::<Nullable<Array<SqlUuid>>, _>(by.scope_parameter())
        .bind::<Bool, _>(reach.everything)
        .bind::<Array<Text>, _>(reach.role_codes())
        .bind::<Array<SqlUuid>, _>(reach.within)
        .load(conn)?)
}

/// What of a username and an e-mail address somebody else has.
#[derive(Debug, Clone, Copy, QueryableByName)]
pub struct Taken {
    /// The username.
    #[diesel(sql_type = Bool)]
    pub username: bool,
    /// The e-mail address.
    #[diesel(sql_type = Bool)]
    pub email: bool,
}

/// Does somebody other than `except` have these, in whatever case?
pub fn taken(conn: &mut PgConnection, username: &str, email: &str, except: Option<UserId>) -> Result<Taken, AppError> {
    Ok(prepared(
        "select
           exists (select from users where username_key = lower($1) and id is distinct from $3) as username,
           exists (select from users where email_key = lower($2) and id is distinct from $3) as email",
    )
    .bind::<Text, _>(username.to_owned())
    .bind::<Text, _>(email.to_owned())
    .bind::<Nullable<SqlUuid>, _>(except)
    .get_result(conn)?)
}

/// Could somebody give a role that they hold to themselves again, with the other ones that they hold?
pub fn could_grant_again(conn: &mut PgConnection, id: UserId, grant: Uuid) -> Result<bool, AppError> {
    #[derive(QueryableByName)]
    struct Answer {
        #[diesel(sql_type = Bool)]
        could: bool,
    }
    let codes = |roles: &[Role]| roles.iter().map(|role| role.code().to_owned()).collect::<Vec<_>>();
    let answer: Answer = prepared(include_str!("could_grant_again.sql"))
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(grant)
        .bind::<Array<Text>, _>(codes(grantable(Role::InstanceAdmin)))
        .bind::<Array<Text>, _>(codes(grantable(Role::OrgAdmin)))
        .get_result(conn)?;
    Ok(answer.could)
}

//! The person who looks at a page: who they are, which roles they hold, how they navigate.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use diesel::prelude::*;
use diesel::sql_types::{Array, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use serde::Deserialize;

use crate::db::prepared::prepared;
use crate::domain::access::{self, Action, Grant, Role, Scope};
use crate::error::AppError;
use crate::ids::{OrganisationId, UserId};
use crate::web::banners::OpenOverages;

/// A signed-in person.
#[derive(Debug, Clone)]
pub struct Viewer {
    /// The account.
    pub id: UserId,
    /// First and last name.
    pub name: String,
    /// The home organisation; the vendor's people have none.
    pub home: Option<OrganisationId>,
    /// The home organisation's name.
    pub home_name: Option<String>,
    /// The roles, the mightiest first, with the names of their organisations.
    pub grants: Vec<NamedGrant>,
    /// The setting "Admin vertical navigation bar".
    pub vertical_navigation: bool,
    /// The time zone of the home organisation's tree; UTC for the vendor's people.
    pub time_zone: Tz,
    /// The overages that this person is told of.
    pub overages: OpenOverages,
}

/// A role, and what the organisation that it is held on is called.
#[derive(Debug, Clone)]
pub struct NamedGrant {
    /// The role and where it is held.
    pub grant: Grant,
    /// The name of that organisation.
    pub organisation_name: Option<String>,
}

impl Viewer {
    /// Where this person may do this; `None` when nowhere.
    pub fn scope_of(&self, action: Action) -> Option<Scope> {
        let grants: Vec<Grant> = self.grants.iter().map(|named| named.grant.clone()).collect();
        access::scope_of(&grants, action)
    }

    /// May this person do this with an organisation at the top of its tree?
    pub fn may_on_root(&self, action: Action, root: OrganisationId) -> bool {
        self.scope_of(action).is_some_and(|scope| match scope {
            Scope::Everything => true,
            Scope::Subtrees(tops) => tops.contains(&root),
        })
    }

    /// "Free up licenses" has something of this root for this person.
    pub fn frees_licenses_of(&self, root: OrganisationId) -> bool {
        self.may_on_root(Action::Enrol, root)
    }

    /// This person sees what is agreed on with this root, and what an upgrade costs.
    pub fn sees_agreement_of(&self, root: OrganisationId) -> bool {
        self.may_on_root(Action::SeeAgreements, root)
    }

    /// Every organisation that this person holds a role on; of somebody without a role, the one that they belong to.
    pub fn own_organisations(&self) -> Vec<OrganisationId> {
        match self.grants.as_slice() {
            [] => self.home.into_iter().collect(),
            grants => grants.iter().filter_map(|named| named.grant.organisation).collect(),
        }
    }

    /// "org admin of Acme Group", "instance admin", "learner at Acme Group".
    pub fn standing(&self) -> String {
        match (self.grants.first(), &self.home_name) {
            (Some(named), _) => {
                let role = named.grant.role.label();
                match (&named.organisation_name, self.grants.len()) {
                    (Some(name), 1) => format!("{role} of {name}"),
                    (Some(name), more) => format!("{role} of {name} and {} more", more - 1),
                    (None, _) => role.to_owned(),
                }
            }
            (None, Some(home)) => format!("learner at {home}"),
            (None, None) => "learner".to_owned(),
        }
    }
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: UserId,
    #[diesel(sql_type = Text)]
    first_name: String,
    #[diesel(sql_type = Text)]
    last_name: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    organisation_id: Option<OrganisationId>,
    #[diesel(sql_type = Nullable<Text>)]
    organisation_name: Option<String>,
    #[diesel(sql_type = Jsonb)]
    grants: serde_json::Value,
    #[diesel(sql_type = Bool)]
    vertical_navigation: bool,
    #[diesel(sql_type = Text)]
    time_zone: String,
    #[diesel(sql_type = Nullable<Jsonb>)]
    overages: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct GrantRow {
    role: String,
    organisation_id: Option<OrganisationId>,
    organisation_name: Option<String>,
}

/// Reads the person; `None` when the account is gone or has expired.
pub fn viewer(conn: &mut PgConnection, id: UserId, now: DateTime<Utc>) -> Result<Option<Viewer>, AppError> {
    let told: Vec<&str> =
        Role::ALL.into_iter().filter(|role| access::allows(*role, Action::SeeNotices)).map(Role::code).collect();
    let row: Option<Row> = prepared(include_str!("viewer.sql"))
        .bind::<SqlUuid, _>(id)
        .bind::<Timestamptz, _>(now)
        .bind::<Array<Text>, _>(told)
        .get_result(conn)
        .optional()?;
    row.map(Viewer::try_from).transpose()
}

impl TryFrom<Row> for Viewer {
    type Error = AppError;

    fn try_from(row: Row) -> Result<Viewer, AppError> {
        let grants: Vec<GrantRow> = serde_json::from_value(row.grants).map_err(AppError::internal)?;
        let mut grants: Vec<NamedGrant> = grants
            .into_iter()
            .filter_map(|grant| {
                Some(NamedGrant {
                    grant: Grant { role: Role::from_code(&grant.role)?, organisation: grant.organisation_id },
                    organisation_name: grant.organisation_name,
                })
            })
            .collect();
        grants.sort_by(|left, right| {
            (left.grant.role, &left.organisation_name).cmp(&(right.grant.role, &right.organisation_name))
        });
        Ok(Viewer {
            id: row.id,
            name: format!("{} {}", row.first_name, row.last_name),
            home: row.organisation_id,
            home_name: row.organisation_name,
            grants,
            vertical_navigation: row.vertical_navigation,
            time_zone: row.time_zone.parse().unwrap_or(Tz::UTC),
            overages: match row.overages {
                Some(found) => serde_json::from_value(found).map_err(AppError::internal)?,
                None => OpenOverages::default(),
            },
        })
    }
}

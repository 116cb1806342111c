//! What the forms need to know from the database.

use chrono::{DateTime, Utc};
use diesel::PgConnection;

use super::commands::{EMAIL_TAKEN, USERNAME_TAKEN};
use super::forms::AccountForm;
use super::organisation_field::{self, Besides, Chosen, OrganisationField};
use super::pages::GrantForm;
use super::queries::{self, Account};
use super::role_handlers::RoleForm;
use crate::domain::access::Role;
use crate::domain::email::is_sendable;
use crate::error::AppError;
use crate::ids::OrganisationId;
use crate::web::form::Problems;
use crate::web::guards::{Allowed, EditUsers, GrantRoles, Permission, SeeUsers};

/// The field with an organisation, or anything else that was typed.
pub fn organisation_for<P: Permission>(
    conn: &mut PgConnection,
    by: &Allowed<P>,
    value: &str,
) -> Result<OrganisationField, AppError> {
    OrganisationField::read(conn, by, "Organisation", value, Besides::NoOrganisation)
}

/// What only the database knows of a form.
pub struct Checked {
    /// What is wrong.
    pub problems: Problems,
    /// The field of the home organisation.
    pub organisation: OrganisationField,
    /// The home organisation, perhaps none on purpose; not known when it is a problem.
    pub home: Option<Option<OrganisationId>>,
}

/// Looks a form up: who has the username and the e-mail address, which organisation it means.
/// `account`: the one that is edited.
pub fn check(
    conn: &mut PgConnection,
    by: &Allowed<EditUsers>,
    form: &AccountForm,
    account: Option<&Account>,
) -> Result<Checked, AppError> {
    let mut problems = Problems::default();
    let taken = queries::taken(conn, form.username.trim(), form.email.trim(), account.map(|account| account.id))?;
    if taken.username {
        problems.add("username", USERNAME_TAKEN);
    }
    let email = form.email.trim();
    let kept = account.is_some_and(|account| account.values.email == email);
    if taken.email {
        problems.add("email", EMAIL_TAKEN);
    } else if !kept && !is_sendable(email) {
        problems.add("email", format!("“{email}” is not an e-mail address like name@example.org."));
    }
    let home = match organisation_field::choose(conn, by, form.organisation.as_deref())? {
        Chosen::Organisation(organisation) => Some(Some(organisation.id)),
        Chosen::NoOrganisation => Some(None),
        Chosen::NotAsked => match account {
            Some(account) => Some(account.values.organisation_id),
            None => organisation_field::usual(conn, by)?.map(|usual| Some(usual.id)),
        },
        Chosen::Problem(problem) => {
            problems.add("organisation", problem);
            None
        }
    };
    if home.is_none() && problems.of("organisation").is_none() {
        problems.add("organisation", "Choose an organisation.");
    }
    let organisation = organisation_for(conn, by, form.organisation())?;
    Ok(Checked { problems, organisation, home })
}

/// The form that grants a role, for those who may do that to this person.
pub fn grant_form(
    conn: &mut PgConnection,
    by: &Allowed<SeeUsers>,
    account: &Account,
    form: &RoleForm,
    problems: &Problems,
    now: DateTime<Utc>,
) -> Result<Option<GrantForm>, AppError> {
    let Some(granting) = Allowed::<GrantRoles>::new(by.by().clone()) else { return Ok(None) };
    // the scopes of the two permissions may differ
    if !account.manageable || queries::account(conn, &granting, account.id, now)?.is_none() {
        return Ok(None);
    }
    let grantable = granting.reach().roles;
    let besides = if grantable.contains(&Role::InstanceAdmin) { Besides::Everywhere } else { Besides::Nothing };
    let sent = form.organisation.clone();
    let value = sent.or_else(|| account.values.organisation_id.map(|id| id.to_string())).unwrap_or_default();
    let organisation = OrganisationField::read(conn, &granting, "On", &value, besides)?;
    Ok(Some(GrantForm::new(&grantable, &form.role, organisation, problems)))
}

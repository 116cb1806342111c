//! Authority as values. A handler cannot reach data without one of these, and queries take them.
//!
//! [`SignedIn`] proves who asks. [`Allowed`] proves that the person's roles allow an action
//! somewhere, and holds where. Both have private fields, and only this module makes them: from a
//! session, or from an account.

use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use chrono::{DateTime, Utc};
use diesel::PgConnection;
use diesel::sql_types::{Array, Bool, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl};

use crate::app::AppState;
use crate::db::audit::Actor;
use crate::db::prepared::prepared;
use crate::db::types::scope_parameter;
use crate::domain::access::{Action, Role, Scope, grantable};
use crate::error::AppError;
use crate::ids::{ExperienceId, ImportId, OrganisationId, UserId};
use crate::web::session::TypedSession;
use crate::web::viewer::{Viewer, viewer};

type Extracting<T> = Pin<Box<dyn Future<Output = Result<T, AppError>>>>;

/// Somebody is signed in.
#[derive(Debug, Clone)]
pub struct SignedIn {
    viewer: Viewer,
    address: Option<String>,
}

impl SignedIn {
    /// The person.
    pub fn viewer(&self) -> &Viewer {
        &self.viewer
    }

    /// Where the request came from.
    pub fn address(&self) -> Option<&str> {
        self.address.as_deref()
    }

    /// For what acts for somebody who is not there, such as the benchmark: `None` when the account
    /// is gone or has expired.
    pub fn for_account(conn: &mut PgConnection, id: UserId, now: DateTime<Utc>) -> Result<Option<SignedIn>, AppError> {
        Ok(viewer(conn, id, now)?.map(|viewer| SignedIn { viewer, address: None }))
    }

    /// The person as the one who makes a change.
    pub fn actor(&self) -> Actor {
        Actor::Person { id: self.viewer.id, address: self.address.clone() }
    }
}

impl FromRequest for SignedIn {
    type Error = AppError;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { signed_in(&request).await })
    }
}

async fn signed_in(request: &HttpRequest) -> Result<SignedIn, AppError> {
    let session =
        TypedSession::extract(request).await.map_err(|error| AppError::internal(anyhow::anyhow!("{error}")))?;
    let state = web::Data::<AppState>::extract(request)
        .await
        .map_err(|error| AppError::internal(anyhow::anyhow!("{error}")))?;
    let found = match session.user()? {
        Some(id) => {
            let now = state.clock.now();
            state.database.read(move |conn| viewer(conn, id, now)).await?
        }
        None => None,
    };
    let Some(viewer) = found else {
        session.sign_out();
        let next = request.method().is_safe().then(|| request.uri().to_string());
        return Err(AppError::SignInRequired { next });
    };
    // error pages have the chrome too
    request.extensions_mut().insert(viewer.clone());
    Ok(SignedIn { viewer, address: state.client_address(request) })
}

/// An action of `domain::access` as a type.
pub trait Permission: 'static {
    /// Which one.
    const ACTION: Action;
}

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy)]
        pub enum $name {}
        impl Permission for $name {
            const ACTION: Action = Action::$name;
        }
    )+};
}

permissions!(
    /// See [`Action::SeeLicenses`].
    SeeLicenses,
    /// See [`Action::SeeSettings`].
    SeeSettings,
    /// See [`Action::ChangeInstanceSettings`].
    ChangeInstanceSettings,
    /// See [`Action::SeeUsers`].
    SeeUsers,
    /// See [`Action::EditUsers`].
    EditUsers,
    /// See [`Action::DeleteUsers`].
    DeleteUsers,
    /// See [`Action::GrantRoles`].
    GrantRoles,
    /// See [`Action::Enrol`].
    Enrol,
    /// See [`Action::EditExperiences`].
    EditExperiences,
    /// See [`Action::SeeAudit`].
    SeeAudit,
    /// See [`Action::Import`].
    Import,
    /// See [`Action::SeeAgreements`].
    SeeAgreements,
    /// See [`Action::ChangeAgreements`].
    ChangeAgreements,
    /// See [`Action::AcceptUpgrade`].
    AcceptUpgrade,
    /// See [`Action::SetLimits`].
    SetLimits,
    /// See [`Action::CreateOrganisations`].
    CreateOrganisations,
    /// See [`Action::SeeNotices`].
    SeeNotices,
    /// See [`Action::SeeAccounts`].
    SeeAccounts,
);

/// The signed-in person's roles allow `P` within a scope.
#[derive(Debug, Clone)]
pub struct Allowed<P> {
    by: SignedIn,
    scope: Scope,
    permission: PhantomData<P>,
}

impl<P: Permission> Allowed<P> {
    /// `None` when no role of the person allows it anywhere.
    pub fn new(by: SignedIn) -> Option<Allowed<P>> {
        let scope = by.viewer.scope_of(P::ACTION)?;
        Some(Allowed { by, scope, permission: PhantomData })
    }

    /// Who is allowed.
    pub fn by(&self) -> &SignedIn {
        &self.by
    }

    /// The scope as a parameter of a query.
    pub fn scope_parameter(&self) -> Option<Vec<OrganisationId>> {
        scope_parameter(&self.scope)
    }

    /// Why a query found nothing under this id: it does not exist for this person (404), or it
    /// lies within their own organisation and only the role is missing (403).
    pub fn refusal(&self, conn: &mut PgConnection, thing: impl Into<Thing>) -> AppError {
        refusal(conn, &self.by.viewer, thing.into())
    }

    /// Which accounts the person may edit and delete: those who hold no role, or only roles that
    /// the person could grant.
    pub fn reach(&self) -> Reach {
        let grants = &self.by.viewer.grants;
        let everything = grants.iter().any(|named| named.grant.role == Role::InstanceAdmin);
        Reach {
            everything,
            roles: Role::ALL
                .into_iter()
                .filter(|role| grants.iter().any(|named| grantable(named.grant.role).contains(role)))
                .collect(),
            within: grants
                .iter()
                .filter(|named| !grantable(named.grant.role).is_empty())
                .filter_map(|named| named.grant.organisation)
                .collect(),
        }
    }
}

/// Whose accounts somebody may change: the parameters of `may_be_managed` in SQL.
#[derive(Debug, Clone)]
pub struct Reach {
    /// Everybody's.
    pub everything: bool,
    /// Accounts may be changed whose roles are all among these,
    pub roles: Vec<Role>,
    /// and are all held on one of these organisations or below it.
    pub within: Vec<OrganisationId>,
}

impl Reach {
    /// The roles as a parameter of a query.
    pub fn role_codes(&self) -> Vec<&'static str> {
        self.roles.iter().map(|role| role.code()).collect()
    }
}

/// A thing that has a page: an address names its id.
#[derive(Debug, Clone, Copy)]
pub enum Thing {
    /// `{organisation_id}`.
    Organisation(OrganisationId),
    /// `{user_id}`.
    User(UserId),
    /// `{experience_id}`: open to its owner's subtree.
    Experience(ExperienceId),
    /// `{import_id}`: for an organisation's subtree.
    Import(ImportId),
    /// `{root_id}`: an organisation at the top of its tree; what is below has no license agreement.
    Root(OrganisationId),
}

impl Thing {
    /// The names of the path segments that hold ids of things.
    pub const SEGMENTS: [&str; 5] = ["organisation_id", "user_id", "experience_id", "import_id", "root_id"];

    /// The thing that an address names, if it names one.
    fn of(request: &HttpRequest) -> Result<Option<Thing>, AppError> {
        let not_found = |_| AppError::NotFound;
        let path = request.match_info();
        let [organisation, user, experience, import, root] = Thing::SEGMENTS.map(|segment| path.get(segment));
        Ok(match (organisation, user, experience, import, root) {
            (Some(id), ..) => Some(Thing::Organisation(id.parse().map_err(not_found)?)),
            (_, Some(id), ..) => Some(Thing::User(id.parse().map_err(not_found)?)),
            (_, _, Some(id), ..) => Some(Thing::Experience(id.parse().map_err(not_found)?)),
            (.., Some(id), _) => Some(Thing::Import(id.parse().map_err(not_found)?)),
            (.., Some(id)) => Some(Thing::Root(id.parse().map_err(not_found)?)),
            _ => None,
        })
    }
}

impl From<OrganisationId> for Thing {
    fn from(id: OrganisationId) -> Thing {
        Thing::Organisation(id)
    }
}

impl From<UserId> for Thing {
    fn from(id: UserId) -> Thing {
        Thing::User(id)
    }
}

impl From<ExperienceId> for Thing {
    fn from(id: ExperienceId) -> Thing {
        Thing::Experience(id)
    }
}

impl From<ImportId> for Thing {
    fn from(id: ImportId) -> Thing {
        Thing::Import(id)
    }
}

impl<P: Permission> FromRequest for Allowed<P> {
    type Error = AppError;
    type Future = Extracting<Self>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let by = signed_in(&request).await?;
            if let Some(allowed) = Allowed::new(by.clone()) {
                return Ok(allowed);
            }
            // Somebody without any such role: a thing's page must not tell that the thing exists.
            let Some(thing) = Thing::of(&request)? else { return Err(AppError::Forbidden) };
            let state = web::Data::<AppState>::extract(&request)
                .await
                .map_err(|error| AppError::internal(anyhow::anyhow!("{error}")))?;
            Err(state.database.read(move |conn| Ok(refusal(conn, &by.viewer, thing))).await?)
        })
    }
}

/// Within their own organisations means: below one that they hold a role on or, without a role, belong to. A
/// learning experience is so too when it is open to one of these.
fn refusal(conn: &mut PgConnection, viewer: &Viewer, thing: Thing) -> AppError {
    #[derive(QueryableByName)]
    struct Within {
        #[diesel(sql_type = Bool)]
        within: bool,
    }
    let (sql, id) = match thing {
        Thing::Organisation(id) => (
            "select exists (select from organisation_closure
                            where descendant_id = $1 and ancestor_id = any ($2)) as within",
            id.0,
        ),
        Thing::User(id) => (
            "select exists (select from users u join organisation_closure c on c.descendant_id = u.organisation_id
                            where u.id = $1 and c.ancestor_id = any ($2)) as within",
            id.0,
        ),
        Thing::Experience(id) => (
            "select exists (select from experiences x join organisation_closure c
                              on (c.descendant_id = x.organisation_id and c.ancestor_id = any ($2))
                              or (c.ancestor_id = x.organisation_id and c.descendant_id = any ($2))
                            where x.id = $1) as within",
            id.0,
        ),
        Thing::Import(id) => (
            "select exists (select from imports i join organisation_closure c on c.descendant_id = i.organisation_id
                            where i.id = $1 and c.ancestor_id = any ($2)) as within",
            id.0,
        ),
        Thing::Root(id) => (
            "select exists (select from organisations
                            where id = $1 and parent_id is null and id = any ($2)) as within",
            id.0,
        ),
    };
    let within = prepared(sql)
        .bind::<SqlUuid, _>(id)
        .bind::<Array<SqlUuid>, _>(viewer.own_organisations())
        .get_result::<Within>(conn);
    match within {
        Ok(Within { within: true }) => AppError::Forbidden,
        Ok(Within { within: false }) => AppError::NotFound,
        Err(error) => error.into(),
    }
}

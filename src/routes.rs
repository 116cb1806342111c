//! Every address of the program in one table. The tests walk it: each route is tried as each
//! role, inside and outside the role's scope.

use actix_web::{HttpResponse, Resource, Route, Scope, guard, web};

use crate::app::AppState;
use crate::domain::access::Action;
use crate::error::AppError;
use crate::features::agreements::handlers as agreements;
use crate::features::enrolments::handlers::{bulk, enrol};
use crate::features::imports::handlers as imports;
use crate::features::users::bulk as users_bulk;
use crate::features::{
    accounts, audit, background, desk, enrolments, experiences, learning, licenses, limits, notices, organisations,
    passwords, settings, sign_in, users,
};
use crate::web::guards::SignedIn;
use crate::web::{assets, health, session};

/// Who gets an answer from a route. The guards in the handlers enforce it; this is what the
/// tests hold them to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everybody, signed in or not.
    Public,
    /// For operators, on this machine.
    Operators,
    /// Everybody who is signed in.
    SignedIn,
    /// Whose roles allow the action; with an organisation in the address, within their scope.
    To(Action),
}

/// One method at one address.
pub struct Entry {
    /// `GET` or `POST`.
    pub method: &'static str,
    /// The address, with names for what varies.
    pub path: &'static str,
    /// Who gets an answer.
    pub access: Access,
    route: fn() -> Route,
}

/// GET, and HEAD for whoever wants the headers only.
fn reading() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
}

const fn get(path: &'static str, access: Access, route: fn() -> Route) -> Entry {
    Entry { method: "GET", path, access, route }
}

const fn post(path: &'static str, access: Access, route: fn() -> Route) -> Entry {
    Entry { method: "POST", path, access, route }
}

/// Answered without a session, so that they work when the database does not.
pub const WITHOUT_SESSION: &[Entry] = &[
    get("/static/{name}", Access::Public, || reading().to(assets::serve)),
    get("/health/live", Access::Public, || reading().to(health::live)),
    get("/health/ready", Access::Public, || reading().to(health::ready)),
    get("/metrics", Access::Operators, || reading().to(health::metrics)),
];

/// The screens.
pub const SCREENS: &[Entry] = &[
    get("/", Access::SignedIn, || reading().to(sign_in::handlers::landing)),
    get("/sign-in", Access::Public, || reading().to(sign_in::handlers::form)),
    post("/sign-in", Access::Public, || web::post().to(sign_in::handlers::sign_in)),
    post("/sign-out", Access::Public, || web::post().to(sign_in::handlers::sign_out)),
    get("/password/forgot", Access::Public, || reading().to(passwords::handlers::forgot_form)),
    post("/password/forgot", Access::Public, || web::post().to(passwords::handlers::forgot)),
    get("/password/{token}", Access::Public, || reading().to(passwords::handlers::edit_form)),
    post("/password/{token}", Access::Public, || web::post().to(passwords::handlers::update)),
    get("/organisations", Access::To(Action::SeeLicenses), || reading().to(organisations::handlers::list)),
    get("/organisations/new", Access::To(Action::CreateOrganisations), || {
        reading().to(organisations::edit_handlers::new_form)
    }),
    post("/organisations/new", Access::To(Action::CreateOrganisations), || {
        web::post().to(organisations::edit_handlers::create)
    }),
    get("/organisations/{organisation_id}/edit", Access::To(Action::CreateOrganisations), || {
        reading().to(organisations::edit_handlers::edit_form)
    }),
    post("/organisations/{organisation_id}/edit", Access::To(Action::CreateOrganisations), || {
        web::post().to(organisations::edit_handlers::rename)
    }),
    get("/organisations/{organisation_id}/limits", Access::To(Action::SetLimits), || {
        reading().to(limits::handlers::show)
    }),
    post("/organisations/{organisation_id}/limits", Access::To(Action::SetLimits), || {
        web::post().to(limits::handlers::set)
    }),
    get("/organisations/{organisation_id}/licenses", Access::To(Action::SeeLicenses), || {
        reading().to(licenses::handlers::show)
    }),
    get("/organisations/{organisation_id}/licenses.csv", Access::To(Action::SeeLicenses), || {
        reading().to(licenses::handlers::export)
    }),
    get("/organisations/{root_id}/agreement", Access::To(Action::SeeAgreements), || {
        reading().to(agreements::show::show)
    }),
    get("/organisations/{root_id}/agreement/terms", Access::To(Action::ChangeAgreements), || {
        reading().to(agreements::terms::terms_form)
    }),
    post("/organisations/{root_id}/agreement/terms", Access::To(Action::ChangeAgreements), || {
        web::post().to(agreements::terms::change)
    }),
    get("/organisations/{root_id}/agreement/overage", Access::To(Action::ChangeAgreements), || {
        reading().to(agreements::overage::form)
    }),
    post("/organisations/{root_id}/agreement/overage", Access::To(Action::ChangeAgreements), || {
        web::post().to(agreements::overage::permit)
    }),
    get("/organisations/{root_id}/agreement/renewal", Access::To(Action::ChangeAgreements), || {
        reading().to(agreements::terms::renewal_form)
    }),
    post("/organisations/{root_id}/agreement/renewal", Access::To(Action::ChangeAgreements), || {
        web::post().to(agreements::terms::renew)
    }),
    post("/organisations/{root_id}/agreement/renewal/withdraw", Access::To(Action::ChangeAgreements), || {
        web::post().to(agreements::show::withdraw)
    }),
    get("/organisations/{root_id}/upgrade", Access::To(Action::SeeAgreements), || {
        reading().to(agreements::upgrade::offer)
    }),
    post("/organisations/{root_id}/upgrade", Access::To(Action::AcceptUpgrade), || {
        web::post().to(agreements::upgrade::accept)
    }),
    post("/organisations/{organisation_id}/licenses/subscription", Access::To(Action::SeeLicenses), || {
        web::post().to(licenses::handlers::subscribe)
    }),
    get("/users", Access::To(Action::SeeUsers), || reading().to(users::handlers::list)),
    post("/users", Access::To(Action::EditUsers), || web::post().to(accounts::handlers::create)),
    get("/users.csv", Access::To(Action::SeeUsers), || reading().to(users::export::handlers::export)),
    get("/users/expire", Access::To(Action::Enrol), || reading().to(bulk::expire_form)),
    post("/users/expire", Access::To(Action::Enrol), || web::post().to(bulk::expire)),
    get("/users/account-expiry", Access::To(Action::EditUsers), || {
        reading().to(users_bulk::handlers::form::<users_bulk::Expiry>)
    }),
    post("/users/account-expiry", Access::To(Action::EditUsers), || {
        web::post().to(users_bulk::handlers::apply::<users_bulk::Expiry>)
    }),
    get("/users/move", Access::To(Action::EditUsers), || reading().to(users_bulk::handlers::form::<users_bulk::Move>)),
    post("/users/move", Access::To(Action::EditUsers), || {
        web::post().to(users_bulk::handlers::apply::<users_bulk::Move>)
    }),
    get("/users/delete", Access::To(Action::DeleteUsers), || {
        reading().to(users_bulk::handlers::form::<users_bulk::Delete>)
    }),
    post("/users/delete", Access::To(Action::DeleteUsers), || {
        web::post().to(users_bulk::handlers::apply::<users_bulk::Delete>)
    }),
    get("/users/import", Access::To(Action::Import), || reading().to(imports::upload::form)),
    post("/users/import", Access::To(Action::Import), || web::post().to(imports::upload::upload)),
    get("/imports", Access::To(Action::Import), || reading().to(imports::list::list)),
    get("/imports/{import_id}", Access::To(Action::Import), || reading().to(imports::show::show)),
    get("/imports/{import_id}/refused.csv", Access::To(Action::Import), || reading().to(imports::show::refused_rows)),
    post("/imports/{import_id}/confirm", Access::To(Action::Import), || web::post().to(imports::answer::confirm)),
    post("/imports/{import_id}/cancel", Access::To(Action::Import), || web::post().to(imports::answer::cancel)),
    post("/imports/{import_id}/restore", Access::To(Action::Import), || web::post().to(imports::restore::restore)),
    get("/users/new", Access::To(Action::EditUsers), || reading().to(accounts::handlers::new_form)),
    get("/users/deleted", Access::To(Action::DeleteUsers), || reading().to(accounts::delete_handlers::deleted)),
    get("/users/{user_id}", Access::To(Action::SeeUsers), || reading().to(accounts::handlers::show)),
    post("/users/{user_id}", Access::To(Action::EditUsers), || web::post().to(accounts::handlers::update)),
    get("/users/{user_id}/edit", Access::To(Action::EditUsers), || reading().to(accounts::handlers::edit_form)),
    post("/users/{user_id}/password-link", Access::To(Action::EditUsers), || {
        web::post().to(accounts::handlers::invite)
    }),
    post("/users/{user_id}/roles", Access::To(Action::GrantRoles), || web::post().to(accounts::role_handlers::grant)),
    post("/users/{user_id}/roles/take", Access::To(Action::GrantRoles), || {
        web::post().to(accounts::role_handlers::take)
    }),
    get("/users/{user_id}/delete", Access::To(Action::DeleteUsers), || {
        reading().to(accounts::delete_handlers::confirm_delete)
    }),
    post("/users/{user_id}/delete", Access::To(Action::DeleteUsers), || {
        web::post().to(accounts::delete_handlers::delete)
    }),
    post("/users/{user_id}/restore", Access::To(Action::DeleteUsers), || {
        web::post().to(accounts::delete_handlers::restore)
    }),
    get("/experiences/{experience_id}/enrolments", Access::To(Action::Enrol), || {
        reading().to(enrolments::handlers::list::list)
    }),
    get("/experiences/{experience_id}/enrol", Access::To(Action::Enrol), || reading().to(enrol::pick)),
    post("/experiences/{experience_id}/enrol", Access::To(Action::Enrol), || web::post().to(enrol::enrol)),
    get("/experiences/{experience_id}/enrol/check", Access::To(Action::Enrol), || reading().to(enrol::check)),
    get("/experiences/{experience_id}/enrolments/expiry", Access::To(Action::Enrol), || {
        reading().to(bulk::form::<bulk::Expiry>)
    }),
    post("/experiences/{experience_id}/enrolments/expiry", Access::To(Action::Enrol), || {
        web::post().to(bulk::apply::<bulk::Expiry>)
    }),
    get("/experiences/{experience_id}/enrolments/due", Access::To(Action::Enrol), || {
        reading().to(bulk::form::<bulk::Due>)
    }),
    post("/experiences/{experience_id}/enrolments/due", Access::To(Action::Enrol), || {
        web::post().to(bulk::apply::<bulk::Due>)
    }),
    get("/experiences/{experience_id}/enrolments/completion", Access::To(Action::Enrol), || {
        reading().to(bulk::form::<bulk::Completion>)
    }),
    post("/experiences/{experience_id}/enrolments/completion", Access::To(Action::Enrol), || {
        web::post().to(bulk::apply::<bulk::Completion>)
    }),
    get("/experiences/{experience_id}/enrolments/reset", Access::To(Action::Enrol), || {
        reading().to(bulk::form::<bulk::Reset>)
    }),
    post("/experiences/{experience_id}/enrolments/reset", Access::To(Action::Enrol), || {
        web::post().to(bulk::apply::<bulk::Reset>)
    }),
    get("/experiences/{experience_id}/enrolments/delete", Access::To(Action::Enrol), || {
        reading().to(bulk::form::<bulk::Delete>)
    }),
    post("/experiences/{experience_id}/enrolments/delete", Access::To(Action::Enrol), || {
        web::post().to(bulk::apply::<bulk::Delete>)
    }),
    post("/enrolments/undo", Access::To(Action::Enrol), || web::post().to(enrolments::handlers::undo::undo)),
    get("/free-up", Access::To(Action::Enrol), || reading().to(users::free_up::free_up)),
    get("/experiences", Access::To(Action::Enrol), || reading().to(experiences::handlers::list)),
    post("/experiences", Access::To(Action::EditExperiences), || web::post().to(experiences::handlers::create)),
    get("/experiences/new", Access::To(Action::EditExperiences), || reading().to(experiences::handlers::new_form)),
    get("/experiences/{experience_id}", Access::To(Action::Enrol), || reading().to(experiences::handlers::show)),
    post("/experiences/{experience_id}", Access::To(Action::EditExperiences), || {
        web::post().to(experiences::handlers::update)
    }),
    get("/experiences/{experience_id}/edit", Access::To(Action::EditExperiences), || {
        reading().to(experiences::handlers::edit_form)
    }),
    post("/experiences/{experience_id}/archive", Access::To(Action::EditExperiences), || {
        web::post().to(experiences::handlers::archive)
    }),
    post("/experiences/{experience_id}/unarchive", Access::To(Action::EditExperiences), || {
        web::post().to(experiences::handlers::unarchive)
    }),
    get("/desk", Access::To(Action::SeeAccounts), || reading().to(desk::handlers::show)),
    get("/notices", Access::To(Action::SeeNotices), || reading().to(notices::handlers::list)),
    get("/audit", Access::To(Action::SeeAudit), || reading().to(audit::handlers::list)),
    get("/audit.csv", Access::To(Action::SeeAudit), || reading().to(audit::handlers::export)),
    get("/audit/{entry_id}", Access::To(Action::SeeAudit), || reading().to(audit::handlers::show)),
    get("/settings", Access::To(Action::SeeSettings), || reading().to(settings::handlers::show)),
    post("/settings", Access::To(Action::ChangeInstanceSettings), || web::post().to(settings::handlers::update)),
    get("/settings/tiers", Access::To(Action::ChangeInstanceSettings), || reading().to(settings::tier_handlers::list)),
    post("/settings/tiers", Access::To(Action::ChangeInstanceSettings), || {
        web::post().to(settings::tier_handlers::create)
    }),
    get("/settings/tiers/new", Access::To(Action::ChangeInstanceSettings), || {
        reading().to(settings::tier_handlers::new_form)
    }),
    get("/settings/tiers/{tier_id}", Access::To(Action::ChangeInstanceSettings), || {
        reading().to(settings::tier_handlers::edit_form)
    }),
    post("/settings/tiers/{tier_id}", Access::To(Action::ChangeInstanceSettings), || {
        web::post().to(settings::tier_handlers::update)
    }),
    post("/settings/tiers/{tier_id}/retire", Access::To(Action::ChangeInstanceSettings), || {
        web::post().to(settings::tier_handlers::retire)
    }),
    get("/settings/holidays", Access::To(Action::ChangeInstanceSettings), || {
        reading().to(settings::holiday_handlers::list)
    }),
    post("/settings/holidays", Access::To(Action::ChangeInstanceSettings), || {
        web::post().to(settings::holiday_handlers::add)
    }),
    post("/settings/holidays/remove", Access::To(Action::ChangeInstanceSettings), || {
        web::post().to(settings::holiday_handlers::remove)
    }),
    post("/settings/holidays/file", Access::To(Action::ChangeInstanceSettings), || {
        web::post().to(settings::holiday_handlers::upload)
    }),
    get("/jobs", Access::SignedIn, || reading().to(background::handlers::list)),
    get("/jobs/{job_id}", Access::SignedIn, || reading().to(background::handlers::show)),
    get("/learn", Access::SignedIn, || reading().to(learning::handlers::list)),
    get("/learn/{experience_id}", Access::SignedIn, || reading().to(learning::handlers::show)),
    post("/learn/{experience_id}/complete", Access::SignedIn, || web::post().to(learning::handlers::complete)),
];

/// Registers the table.
pub fn configure(app: &mut web::ServiceConfig, state: &AppState) {
    for resource in resources(WITHOUT_SESSION) {
        app.service(resource);
    }
    let sessions =
        session::middleware(state.database.clone(), state.clock.clone(), state.cookie_key(), state.is_https());
    let screens = resources(SCREENS).fold(web::scope(""), Scope::service);
    app.service(screens.default_service(web::to(not_found)).wrap(sessions));
}

/// One resource an address, with all its methods, so that another method is "not allowed"
/// instead of "not found".
fn resources(entries: &'static [Entry]) -> impl Iterator<Item = Resource> {
    entries.chunk_by(|one, next| one.path == next.path).map(|methods| {
        let resource = Resource::new(methods.first().map_or("", |entry| entry.path));
        methods.iter().fold(resource, |resource, entry| resource.route((entry.route)()))
    })
}

/// No such address. Signed-in people get it in their page chrome.
async fn not_found(_: Option<SignedIn>) -> Result<HttpResponse, AppError> {
    Err(AppError::NotFound)
}

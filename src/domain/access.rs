//! Who may do what: the table of `domain.md` section 6.

use crate::ids::OrganisationId;

/// What somebody may be granted. Everybody is a learner besides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// Runs the whole deployment.
    InstanceAdmin,
    /// The vendor's contact of some root organisations.
    AccountManager,
    /// Administers an organisation and everything below it.
    OrgAdmin,
    /// Looks after the users of an organisation and everything below it.
    UserManager,
}

impl Role {
    /// Every role, the mightiest first.
    pub const ALL: [Role; 4] = [Role::InstanceAdmin, Role::AccountManager, Role::OrgAdmin, Role::UserManager];

    /// The name in the database and in the users CSV.
    pub fn code(self) -> &'static str {
        match self {
            Role::InstanceAdmin => "instance_admin",
            Role::AccountManager => "account_manager",
            Role::OrgAdmin => "org_admin",
            Role::UserManager => "user_manager",
        }
    }

    /// The name on screens.
    pub fn label(self) -> &'static str {
        match self {
            Role::InstanceAdmin => "instance admin",
            Role::AccountManager => "account manager",
            Role::OrgAdmin => "org admin",
            Role::UserManager => "user manager",
        }
    }

    /// The role of that name in the database.
    pub fn from_code(code: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.code() == code)
    }
}

/// What can be allowed or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Org list, User License Report, its CSV.
    SeeLicenses,
    /// The current volume of active users; what else it holds depends on the role.
    SeeSettings,
    /// Change the settings of the whole deployment.
    ChangeInstanceSettings,
    /// See, search, export users.
    SeeUsers,
    /// Add, edit users; not those who hold a role that one could not grant.
    EditUsers,
    /// Delete and restore users, with the same exception.
    DeleteUsers,
    /// Grant and take roles.
    GrantRoles,
    /// See learning experiences and who is enrolled; enrol, set dates, reset and delete enrolments.
    Enrol,
    /// Add, edit, archive learning experiences.
    EditExperiences,
    /// Read the audit log.
    SeeAudit,
    /// Import and synchronize users.
    Import,
    /// See what is agreed on with a root organisation, and the offer of an upgrade.
    SeeAgreements,
    /// Agree, change terms, permit an overage, renew.
    ChangeAgreements,
    /// Accept the offer of an upgrade.
    AcceptUpgrade,
    /// Set the user limits of organisations below a root.
    SetLimits,
    /// Create and rename organisations.
    CreateOrganisations,
    /// What is told about licenses: the list of notices, and what stands above every page.
    SeeNotices,
    /// The desk: how each account stands.
    SeeAccounts,
}

/// Does the role allow the action within its scope?
pub fn allows(role: Role, action: Action) -> bool {
    use Role::{AccountManager, InstanceAdmin, OrgAdmin, UserManager};
    match action {
        Action::SeeLicenses | Action::SeeNotices => true,
        Action::SeeAccounts => matches!(role, InstanceAdmin | AccountManager),
        Action::SeeUsers | Action::EditUsers | Action::DeleteUsers | Action::Enrol => {
            matches!(role, InstanceAdmin | OrgAdmin | UserManager)
        }
        Action::SeeSettings
        | Action::GrantRoles
        | Action::EditExperiences
        | Action::SeeAudit
        | Action::Import
        | Action::SetLimits => {
            matches!(role, InstanceAdmin | OrgAdmin)
        }
        Action::SeeAgreements => matches!(role, InstanceAdmin | AccountManager | OrgAdmin),
        Action::AcceptUpgrade => matches!(role, InstanceAdmin | AccountManager),
        Action::ChangeInstanceSettings | Action::ChangeAgreements | Action::CreateOrganisations => {
            matches!(role, InstanceAdmin)
        }
    }
}

/// The roles that somebody with this role may grant within its scope, and so whose holders may be
/// edited and deleted: nobody changes the account of somebody mightier.
pub fn grantable(role: Role) -> &'static [Role] {
    match role {
        Role::InstanceAdmin => &Role::ALL,
        Role::OrgAdmin => &[Role::OrgAdmin, Role::UserManager],
        Role::AccountManager | Role::UserManager => &[],
    }
}

/// A role held on an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The organisation whose subtree it covers; none for an instance admin, who covers all.
    pub organisation: Option<OrganisationId>,
}

/// The part of the organisation trees that somebody may act on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All trees.
    Everything,
    /// The subtrees of these organisations (at least one; they may overlap).
    Subtrees(Vec<OrganisationId>),
}

/// Where these grants allow the action; `None` when nowhere.
pub fn scope_of(grants: &[Grant], action: Action) -> Option<Scope> {
    let mut organisations = Vec::new();
    for grant in grants.iter().filter(|grant| allows(grant.role, action)) {
        match grant.organisation {
            None => return Some(Scope::Everything),
            Some(organisation) => organisations.push(organisation),
        }
    }
    organisations.sort_unstable();
    organisations.dedup();
    (!organisations.is_empty()).then_some(Scope::Subtrees(organisations))
}

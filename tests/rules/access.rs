use headroom::domain::access::{Action, Grant, Role, Scope, allows, scope_of};
use headroom::ids::OrganisationId;
use proptest::prelude::*;
use uuid::Uuid;

/// The table of `domain.md` section 6, as far as there are actions.
#[test]
fn roles_allow_what_the_table_says() {
    let table = [
        (Action::SeeLicenses, [true, true, true, true]),
        (Action::SeeSettings, [true, false, true, false]),
        (Action::ChangeInstanceSettings, [true, false, false, false]),
        (Action::SeeNotices, [true, true, true, true]),
        (Action::SeeAccounts, [true, true, false, false]),
    ];
    for (action, expected) in table {
        assert_eq!(Role::ALL.map(|role| allows(role, action)), expected, "{action:?}");
    }
}

fn grant() -> impl Strategy<Value = Grant> {
    (0..4usize, 0..5u128).prop_map(|(role, organisation)| {
        let role = Role::ALL[role];
        let organisation = (role != Role::InstanceAdmin).then(|| OrganisationId(Uuid::from_u128(organisation)));
        Grant { role, organisation }
    })
}

proptest! {
    #[test]
    fn a_scope_holds_the_organisations_of_the_roles_that_allow_it_and_no_others(
        grants in prop::collection::vec(grant(), 0..6),
    ) {
        for action in [Action::SeeLicenses, Action::SeeSettings, Action::ChangeInstanceSettings] {
            let fitting: Vec<&Grant> = grants.iter().filter(|grant| allows(grant.role, action)).collect();
            match scope_of(&grants, action) {
                None => prop_assert!(fitting.is_empty()),
                Some(Scope::Everything) => prop_assert!(fitting.iter().any(|grant| grant.role == Role::InstanceAdmin)),
                Some(Scope::Subtrees(organisations)) => {
                    prop_assert!(fitting.iter().all(|grant| organisations.contains(&grant.organisation.unwrap())));
                    prop_assert!(organisations.iter().all(|id| fitting.iter().any(|grant| grant.organisation == Some(*id))));
                }
            }
        }
    }
}

#[test]
fn every_role_has_a_code_of_its_own() {
    for role in Role::ALL {
        assert_eq!(Role::from_code(role.code()), Some(role));
    }
    assert_eq!(Role::from_code("learner"), None);
}

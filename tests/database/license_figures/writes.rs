//! Writes of every kind that change who is active.

use proptest::prelude::*;

/// A write; numbers choose among what is there.
#[derive(Debug, Clone)]
pub enum Write {
    Enrol { user: usize, experience: usize, starts: i64, lasts: Option<i64> },
    EnrolOrExtend { first: usize, count: usize, experience: usize, starts: i64, lasts: Option<i64> },
    SetExpiry { first: usize, count: usize, ends: Option<i64> },
    SetStart { enrolment: usize, starts: i64 },
    Complete { enrolment: usize },
    PassOn { enrolment: usize, user: usize },
    Unenrol { first: usize, count: usize },
    ExpireAccount { first: usize, count: usize, ends: Option<i64> },
    MoveUser { user: usize, organisation: Option<usize> },
    MoveOrganisation { organisation: usize, under: usize },
    DeleteUser { user: usize },
    DeleteUsersWithEnrolments { first: usize, count: usize },
    DeleteExperience { experience: usize },
    AddUser { organisation: usize },
    FoldTo { day: i64 },
    AddUpFigures,
    Empty,
}

pub fn write() -> impl Strategy<Value = Write> {
    let day = -30..60i64;
    let lasts = prop_oneof![1 => Just(None), 4 => (-5..40i64).prop_map(Some)];
    let ends = prop_oneof![1 => Just(None), 4 => (-30..60i64).prop_map(Some)];
    let any = 0..100usize;
    let count = 1..6usize;
    prop_oneof![
        6 => (any.clone(), any.clone(), day.clone(), lasts.clone())
            .prop_map(|(user, experience, starts, lasts)| Write::Enrol { user, experience, starts, lasts }),
        3 => (any.clone(), count.clone(), any.clone(), day.clone(), lasts)
            .prop_map(|(first, count, experience, starts, lasts)| Write::EnrolOrExtend { first, count, experience, starts, lasts }),
        3 => (any.clone(), count.clone(), ends.clone()).prop_map(|(first, count, ends)| Write::SetExpiry { first, count, ends }),
        1 => (any.clone(), day.clone()).prop_map(|(enrolment, starts)| Write::SetStart { enrolment, starts }),
        1 => any.clone().prop_map(|enrolment| Write::Complete { enrolment }),
        1 => (any.clone(), any.clone()).prop_map(|(enrolment, user)| Write::PassOn { enrolment, user }),
        1 => (any.clone(), count.clone()).prop_map(|(first, count)| Write::Unenrol { first, count }),
        2 => (any.clone(), count.clone(), ends).prop_map(|(first, count, ends)| Write::ExpireAccount { first, count, ends }),
        2 => (any.clone(), prop::option::weighted(0.9, any.clone()))
            .prop_map(|(user, organisation)| Write::MoveUser { user, organisation }),
        1 => (any.clone(), any.clone()).prop_map(|(organisation, under)| Write::MoveOrganisation { organisation, under }),
        1 => any.clone().prop_map(|user| Write::DeleteUser { user }),
        1 => (any.clone(), count).prop_map(|(first, count)| Write::DeleteUsersWithEnrolments { first, count }),
        1 => any.clone().prop_map(|experience| Write::DeleteExperience { experience }),
        2 => any.prop_map(|organisation| Write::AddUser { organisation }),
        1 => day.prop_map(|day| Write::FoldTo { day }),
        1 => Just(Write::AddUpFigures),
        1 => Just(Write::Empty),
    ]
}

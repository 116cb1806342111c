use headroom::domain::password::{Refused, check};

#[test]
fn length_is_counted_in_characters() {
    assert_eq!(check("äöüäöüä"), Err(Refused::TooShort));
    assert_eq!(check("äöüäöüäö"), Ok(()));
    assert_eq!(check(&"x".repeat(128)), Ok(()));
    assert_eq!(check(&"x".repeat(129)), Err(Refused::TooLong));
}

#[test]
fn what_everybody_tries_first_is_refused_in_any_case() {
    assert_eq!(check("password1"), Err(Refused::Common));
    assert_eq!(check("PassWord1"), Err(Refused::Common));
    assert_eq!(check("correct horse battery"), Ok(()));
}

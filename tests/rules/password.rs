use headroom::domain::password::{Refused, check};

#[test]
fn length_is_counted_in_characters() {
    assert_eq!(check("äöüäöüä", &[]), Err(Refused::TooShort));
    assert_eq!(check("äöüäöüäö", &[]), Ok(()));
    assert_eq!(check(&"x".repeat(128), &[]), Ok(()));
    assert_eq!(check(&"x".repeat(129), &[]), Err(Refused::TooLong));
}

#[test]
fn what_everybody_tries_first_is_refused_in_any_case() {
    assert_eq!(check("password1", &[]), Err(Refused::Common));
    assert_eq!(check("PassWord1", &[]), Err(Refused::Common));
    assert_eq!(check("correct horse battery", &[]), Ok(()));
}

#[test]
fn what_somebody_is_called_and_blanks_are_refused() {
    let names = ["amara.okafor", "Amara@Acme.example"];
    assert_eq!(check("Amara.Okafor", &names), Err(Refused::Own));
    assert_eq!(check("amara@acme.example ", &names), Err(Refused::Own));
    assert_eq!(check("amara.okafor is me", &names), Ok(()));
    assert_eq!(check("         ", &names), Err(Refused::Common));
}

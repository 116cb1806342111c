//! E-mail addresses.

use headroom::domain::email::is_sendable;
use proptest::prelude::*;

#[test]
fn what_mail_cannot_be_sent_to_is_no_address() {
    for email in ["ann@x.example", "o'hara+news@sub.x-y.example", "a.b-c_d@x", "zoë@müller.example"] {
        assert!(is_sendable(email), "{email}");
    }
    let spoilt = ["", "ann", "@x.example", "ann@", "a..b@x.example", ".a@x.example", "a.@x.example", "a@x..example"];
    let more = [
        "a@-x.example",
        "a@b@x.example",
        "a b@x.example",
        "a@x example",
        "Ann <a@x.example>",
        "a@x.example, b@x.example",
    ];
    for email in spoilt.into_iter().chain(more) {
        assert!(!is_sendable(email), "{email}");
    }
}

proptest! {
    /// The form that the planning of an import takes without a closer look.
    #[test]
    fn whatever_has_the_usual_form_can_be_sent_to(
        email in "[A-Za-z0-9_]{1,9}([.+-][A-Za-z0-9_]{1,4}){0,3}@([A-Za-z0-9]{1,4}(-[A-Za-z0-9]{1,3}){0,2}[.]){0,3}[A-Za-z0-9]{1,4}(-[A-Za-z0-9]{1,3}){0,2}"
    ) {
        prop_assert!(is_sendable(&email), "{}", email);
    }
}

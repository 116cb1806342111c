//! Whoever guesses passwords is slowed down, wherever they say that they are.

use super::*;

#[test]
fn guessing_is_slowed_down_and_never_locks_out_for_good() {
    let app = app();
    let visitor = app.visitor();
    for _ in 0..5 {
        assert_eq!(attempt(&visitor, "admin", "wrong").status, 422);
    }
    let response = visitor.post("/sign-in", &[("username", "ADMIN"), ("password", PASSWORD)]);
    assert_eq!(response.status(), 429);
    assert!(response.headers().contains_key("retry-after"));
    assert_eq!(attempt(&visitor, "learner", PASSWORD).status, 303);
    app.set_time("2026-11-24T12:01:01Z");
    assert_eq!(attempt(&visitor, "admin", PASSWORD).status, 303);
    // and the count begins anew
    assert_eq!(attempt(&visitor, "admin", "wrong").status, 422);
}

#[test]
fn whoever_guesses_elsewhere_does_not_keep_the_owner_out() {
    let app = app_behind_proxy();
    let (stranger, owner) = ("198.51.100.7", "203.0.113.7");
    let guesses: Vec<u16> = (0..12).map(|_| attempt_from(&app, stranger, "admin", "wrong")).collect();
    assert_eq!(guesses, [[422; 5].as_slice(), &[429; 7]].concat());
    assert_eq!(attempt_from(&app, owner, "admin", PASSWORD), 303);
    assert_eq!(attempt_from(&app, stranger, "admin", PASSWORD), 429, "the stranger waits all the same");
}

#[test]
fn whoever_does_not_wait_has_to_wait_with_every_account() {
    let app = app_behind_proxy();
    for _ in 0..60 {
        attempt_from(&app, "198.51.100.7", "admin", "wrong");
    }
    assert_eq!(attempt_from(&app, "198.51.100.7", "learner", PASSWORD), 429);
    assert_eq!(attempt_from(&app, "203.0.113.7", "learner", PASSWORD), 303);
    // but not for ever, however many attempts were refused meanwhile
    for second in 0..60 {
        app.set_time(&format!("2026-11-24T12:00:{second:02}Z"));
        attempt_from(&app, "198.51.100.7", "admin", "wrong");
    }
    app.set_time("2026-11-24T12:02:00Z");
    assert_eq!(attempt_from(&app, "198.51.100.7", "learner", PASSWORD), 303);
}

#[test]
fn guesses_from_everywhere_are_slowed_down_and_delay_the_owner_by_seconds() {
    let app = app_behind_proxy();
    let guess = |number: u32| attempt_from(&app, &format!("198.51.100.{number}"), "admin", "wrong");
    let first = (0..250).find(|number| guess(*number) == 429).expect("a guess that was refused");
    assert!((40..250).contains(&first), "{first}");
    assert_eq!(attempt_from(&app, "203.0.113.7", "admin", PASSWORD), 429);
    app.set_time("2026-11-24T12:00:02Z");
    assert_eq!(attempt_from(&app, "203.0.113.7", "admin", PASSWORD), 303);
    assert_eq!(guess(251), 422, "and the count begins anew");
}

#[test]
fn the_addresses_of_one_network_count_as_one() {
    let app = app_behind_proxy();
    for host in 1..=5 {
        assert_eq!(attempt_from(&app, &format!("2001:db8::{host}"), "admin", "wrong"), 422);
    }
    assert_eq!(attempt_from(&app, "2001:db8::ffff:0:0:6", "admin", PASSWORD), 429);
    assert_eq!(attempt_from(&app, "2001:db8:0:1::1", "admin", PASSWORD), 303);
}

#[test]
fn every_way_to_write_a_name_counts_for_the_account_that_it_finds() {
    let app = app();
    builders::person(&mut app.conn(), None, "ΟΔΥΣΣΕΑΣ", None);
    let visitor = app.visitor();
    for name in ["ΟΔΥΣΣΕΑΣ", "οδυσσεασ", " οδυσσεαΣ", "ΟΔΥΣΣΕΑσ ", "οΔΥΣΣΕΑΣ"] {
        assert_eq!(attempt(&visitor, name, "wrong").status, 422, "{name}");
    }
    for name in ["ΟΔΥΣΣΕΑΣ", "οδυσσεασ"] {
        assert_eq!(attempt(&visitor, name, PASSWORD).status, 429, "{name}");
    }
}

#[test]
fn attempts_at_the_same_time_are_counted_one_by_one() {
    let app = app();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let attempts: Vec<_> =
            (0..20).map(|_| scope.spawn(|| attempt(&app.visitor(), "admin", "wrong").status)).collect();
        attempts.into_iter().map(|attempt| attempt.join().unwrap()).collect()
    });
    let looked_at = statuses.iter().filter(|status| **status == 422).count();
    assert_eq!(looked_at, 5, "{statuses:?}");
}

#[test]
fn the_address_is_the_one_that_a_trusted_proxy_added_last() {
    let app = app_behind_proxy();
    app.visitor()
        .post_request("/sign-in")
        .header("sec-fetch-site", "same-origin")
        .header("forwarded", "for=198.51.100.1")
        .header("x-forwarded-for", "198.51.100.2, 203.0.113.7")
        .form(&[("username", "admin"), ("password", PASSWORD)])
        .send()
        .unwrap();
    let address: Option<String> = audit_entries::table.select(audit_entries::address).first(&mut app.conn()).unwrap();
    assert_eq!(address.as_deref(), Some("203.0.113.7"));
}

#[test]
fn a_trusted_proxy_may_send_either_header_with_or_without_a_port() {
    let app = app_behind_proxy();
    let address = |headers: &[(&'static str, &'static str)]| {
        let request = headers.iter().fold(TestRequest::default(), |request, header| request.append_header(*header));
        app.state.client_address(&request.to_http_request())
    };
    let (old, new) = ("x-forwarded-for", "forwarded");
    for (name, value, expected) in [
        (old, "203.0.113.7", "203.0.113.7"),
        (old, "198.51.100.1,203.0.113.7:5678", "203.0.113.7"),
        (old, "2001:db8::1", "2001:db8::1"),
        (old, "[2001:db8::1]", "2001:db8::1"),
        (old, "[2001:db8::1]:80", "2001:db8::1"),
        (old, "::ffff:203.0.113.7", "203.0.113.7"),
        (new, "for=203.0.113.7", "203.0.113.7"),
        (new, "for=198.51.100.1, for=203.0.113.7;proto=https;by=10.0.0.1", "203.0.113.7"),
        (new, "proto=https ; For=\"203.0.113.7:5678\"", "203.0.113.7"),
        (new, "for=\"[2001:db8::1]\"", "2001:db8::1"),
        (new, "for=\"[2001:db8::1]:_port\";host=headroom.example", "2001:db8::1"),
        // what a client sent before it, and what it chose as the name of the host
        (new, "for=\"198.51.100.1, for=203.0.113.7", "203.0.113.7"),
        (new, "for=203.0.113.7;host=\"x, for=198.51.100.1\"", "203.0.113.7"),
        (new, "host=\"x;for=198.51.100.1\";for=203.0.113.7", "203.0.113.7"),
        (new, "host=\"x\\\", for=198.51.100.1;\";for=203.0.113.7", "203.0.113.7"),
    ] {
        assert_eq!(address(&[(name, value)]).as_deref(), Some(expected), "{name}: {value}");
    }
    for (name, value) in [
        (old, ""),
        (old, "unknown"),
        (old, "203.0.113.7, "),
        (old, "203.0.113.7:80:80"),
        (new, "for=unknown"),
        (new, "for=_hidden"),
        (new, "by=203.0.113.7"),
        (new, "for=203.0.113.7, for=unknown"),
        (new, "for=\"[2001:db8::1\""),
    ] {
        assert_eq!(address(&[(name, value)]), None, "{name}: {value}");
    }
    let last = address(&[(new, "for=198.51.100.1"), (new, "for=203.0.113.7")]);
    assert_eq!(last.as_deref(), Some("203.0.113.7"), "of the last header");
    assert_eq!(address(&[]), None);
}

//! Mail without a mail server, by the running program.

use std::io::{BufRead, BufReader, Read};
use std::process::Stdio;

use nix::sys::signal::Signal;

use crate::commands::{ADMIN, DataDir};

const NEW: &str = "a new long password";

#[test]
fn a_forgotten_password_is_set_by_the_link_in_the_mail_folder_and_the_log_holds_no_secret() {
    let data = DataDir::new();
    assert_eq!(data.run_with_input(&ADMIN, "correct horse battery\n").status.code(), Some(0));
    let mut server = data.server_with_log(&["serve"], Stdio::piped());
    let mut lines = BufReader::new(server.child.stderr.take().unwrap());
    let client = reqwest::blocking::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let post = |path: &str, fields: &[(&str, &str)]| {
        let address = format!("{}{path}", server.address);
        client.post(address).header("origin", &server.address).form(fields).send().unwrap().status()
    };

    assert_eq!(post("/password/forgot", &[("username", "root")]), 303);
    let mut log = String::new();
    while !log.contains(".eml") {
        assert_ne!(lines.read_line(&mut log).unwrap(), 0, "the server ended: {log}");
    }
    let mut files = std::fs::read_dir(data.path().join("mail")).unwrap();
    let mail = std::fs::read_to_string(files.next().unwrap().unwrap().path()).unwrap();
    let link = mail.lines().find(|line| line.contains("/password/")).unwrap().trim_end();
    let path = link.strip_prefix(&server.address).unwrap();
    let token = path.strip_prefix("/password/").unwrap();
    for mangled in ["", "/", ".", "?from=mail"] {
        client.get(format!("{link}{mangled}")).send().unwrap();
    }
    client.get(format!("{}/%70assword/{token}", server.address)).send().unwrap();
    assert_eq!(post(path, &[("password", NEW), ("password_again", NEW)]), 303);
    assert_eq!(post(path, &[("password", NEW), ("password_again", NEW)]), 410);
    assert_eq!(post("/sign-in", &[("username", "root"), ("password", NEW)]), 303);
    let metrics = client.get(format!("{}/metrics", server.address)).send().unwrap().text().unwrap();
    assert!(metrics.contains("headroom_mails_total{outcome=\"sent\"} 1"));

    assert_eq!(server.signal(Signal::SIGTERM), Some(0));
    lines.read_to_string(&mut log).unwrap();
    assert!(log.contains("a mail was written into a file") && log.contains("root@x.example"), "{log}");
    assert!(log.contains("/password/..."), "refused, and logged without the token: {log}");
    for secret in [token, NEW, "Hello Instance"] {
        assert!(!log.contains(secret) && !metrics.contains(secret), "{secret} in {log}");
    }
}

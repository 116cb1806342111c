//! What a server keeps of the memory that it needed for a while.

use nix::sys::signal::Signal;
use reqwest::blocking::Client;

use crate::commands::{ADMIN, DataDir, Server};

/// What one sign-in takes to check its password, in MiB; two are checked at a time.
const HASHING: u64 = 19;

fn resident(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

fn sign_in(client: &Client, address: &str) -> u16 {
    let form = [("username", "root"), ("password", "correct horse battery")];
    let request = client.post(format!("{address}/sign-in")).header("origin", address).form(&form);
    request.send().unwrap().status().as_u16()
}

#[test]
fn many_sign_ins_leave_no_memory_behind() {
    let data = DataDir::new();
    let mut server = data.server(&["serve"]);
    assert_eq!(data.run_with_input(&ADMIN, "correct horse battery\n").status.code(), Some(0));
    let client = Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    assert_eq!(sign_in(&client, &server.address), 303);
    let before = resident(&server);
    for _ in 0..12 {
        std::thread::scope(|scope| {
            let all: Vec<_> = (0..4).map(|_| scope.spawn(|| sign_in(&client, &server.address))).collect();
            assert!(all.into_iter().all(|one| one.join().unwrap() == 303));
        });
    }
    let after = resident(&server);
    assert!(after < before + 2 * HASHING, "{before} MiB before 48 sign-ins, {after} MiB after them");
    assert_eq!(server.signal(Signal::SIGTERM), Some(0));
}

//! What measuring and soaking share: `headroom serve` as a process, and somebody's browser.

#![allow(dead_code)] // each of the two uses its part

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::Context;
use reqwest::blocking::multipart::{Form, Part};
use reqwest::blocking::{Client, Response};

/// `headroom serve` as a process; it ends with this value.
pub struct Serving {
    process: Child,
    pub origin: String,
}

impl Serving {
    /// Starts it on a free port.
    pub fn start(environment: &[(&str, &str)], log: Stdio) -> anyhow::Result<Serving> {
        let mut process = Command::new(env!("CARGO_BIN_EXE_headroom"))
            .arg("serve")
            .env_remove("DATABASE_URL")
            .env("HEADROOM_BIND", "127.0.0.1:0")
            .env("RUST_LOG", "warn")
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()?;
        let mut lines = BufReader::new(process.stdout.take().context("no output")?).lines();
        let origin = lines.find_map(|line| {
            let line = line.ok()?;
            let (_, rest) = line.split_once("serves on ")?;
            Some(rest.split_whitespace().next()?.to_owned())
        });
        Ok(Serving { process, origin: origin.context("the server did not start")? })
    }

    /// The most that it has had in memory, in MiB.
    pub fn most_memory(&self) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process.id()))?;
        let line = status.lines().find(|line| line.starts_with("VmHWM")).context("no figure")?;
        let kb: f64 = line.split_whitespace().nth(1).context("no figure")?.parse()?;
        Ok(kb / 1024.0)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // gently, so that an embedded PostgreSQL ends with it
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

/// Somebody's browser.
pub struct Visitor {
    origin: String,
    client: Client,
}

impl Visitor {
    pub fn sign_in(origin: &str, username: &str, password: &str) -> anyhow::Result<Visitor> {
        let client = Client::builder()
            .cookie_store(true)
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(120))
            .build()?;
        let visitor = Visitor { origin: origin.to_owned(), client };
        visitor.post("/sign-in", &[("username", username), ("password", password)]).context("signing in failed")?;
        Ok(visitor)
    }

    /// A page, whole.
    pub fn get(&self, path: &str) -> anyhow::Result<()> {
        let response = self.ask(path)?;
        anyhow::ensure!(response.status() == 200, "{} at {path}", response.status());
        response.bytes()?;
        Ok(())
    }

    /// Sends a form, and tells where it leads.
    pub fn post(&self, path: &str, form: &[(&str, &str)]) -> anyhow::Result<String> {
        let response = self.send(path, form)?;
        anyhow::ensure!(response.status() == 303, "{} at {path}", response.status());
        let location = response.headers().get("location").context("it leads nowhere")?;
        Ok(location.to_str()?.to_owned())
    }

    /// Sends a file with the fields of its form, and tells where it leads.
    pub fn upload(&self, path: &str, file: String, fields: &[(&'static str, &'static str)]) -> anyhow::Result<String> {
        let form = fields.iter().fold(Form::new(), |form, (name, value)| form.text(*name, *value));
        let form = form.part("file", Part::text(file).file_name("users.csv").mime_str("text/csv")?);
        let request = self.client.post(format!("{}{path}", self.origin)).header("sec-fetch-site", "same-origin");
        let response = request.multipart(form).send()?;
        anyhow::ensure!(response.status() == 303, "{} at {path}", response.status());
        let location = response.headers().get("location").context("it leads nowhere")?;
        Ok(location.to_str()?.to_owned())
    }

    /// The answer to a GET.
    pub fn ask(&self, path: &str) -> anyhow::Result<Response> {
        Ok(self.client.get(format!("{}{path}", self.origin)).send()?)
    }

    /// The answer to a form.
    pub fn send<F: AsRef<str>, V: AsRef<str>>(&self, path: &str, form: &[(F, V)]) -> anyhow::Result<Response> {
        let form: Vec<(&str, &str)> = form.iter().map(|(name, value)| (name.as_ref(), value.as_ref())).collect();
        let request = self.client.post(format!("{}{path}", self.origin)).header("sec-fetch-site", "same-origin");
        Ok(request.form(&form).send()?)
    }
}

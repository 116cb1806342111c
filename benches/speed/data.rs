//! A database with generated data, and a server on it.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::Context;
use chrono::Utc;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Date, Integer, Timestamptz};
use headroom::config::WebSettings;
use headroom::db;
use headroom::db::SESSION_SETTINGS;
use headroom::db::embedded::{Embedded, Purpose, reachable};
use headroom::features::licenses::verify::differences;

use super::served::{self, Place, Server};

/// Everything that is measured on.
pub struct Site {
    pub users: i32,
    pub conn: PgConnection,
    pub place: Place,
    pub server: Server,
    pub url: String,
    data: PathBuf,
    keep: bool,
    embedded: Embedded,
}

impl Site {
    /// Generates the data; with `keep`, they stay, and are there for the next time.
    pub fn new(users: i32, keep: bool) -> anyhow::Result<Site> {
        let data = reachable(&std::env::current_dir()?.join("target/bench"))?.join(users.to_string());
        let there = keep && data.join("generated").exists();
        if !there {
            let _ = std::fs::remove_dir_all(&data);
        }
        let embedded = Embedded::start(&data, Purpose::Lasting)?;
        let url = embedded.url().to_owned();
        let mut conn = PgConnection::establish(&url)?;
        db::migrations::apply(&mut conn, db::migrations::Existing::Migrate)?;
        conn.batch_execute(SESSION_SETTINGS)?;
        conn.batch_execute("set statement_timeout to 0")?;
        println!("{users} users, {} enrolments, 1,000 organisations", users * 5);
        if !there {
            generate(&mut conn, users)?;
            std::fs::write(data.join("generated"), "")?;
        }
        let place = served::prepare(&mut conn)?;
        let settings = WebSettings {
            bind: ([127, 0, 0, 1], 0).into(),
            public_origin: None,
            database_connections: 4,
            metrics_token: None,
            smtp_url: None,
            mail_from: None,
            trust_proxy: false,
        };
        let server = Server::start(&url, &settings)?;
        Ok(Site { users, conn, place, server, url, data, keep, embedded })
    }

    /// Another database with the same data, instead of the one before. Nobody may be in the original meanwhile, so all
    /// connections to it are new afterwards.
    pub fn copy(&mut self) -> anyhow::Result<String> {
        let (server, original) = self.url.rsplit_once("/headroom").context("a database of another name")?;
        // the program itself may not make databases
        let administrator = server.replacen("//headroom@", "//postgres@", 1);
        let mut conn = PgConnection::establish(&format!("{administrator}/postgres{original}"))?;
        conn.batch_execute("drop database if exists headroom_copy with (force)")?;
        conn.batch_execute("alter database headroom with allow_connections false")?;
        conn.batch_execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = 'headroom'")?;
        conn.batch_execute("create database headroom_copy owner headroom template headroom strategy file_copy")?;
        conn.batch_execute("alter database headroom with allow_connections true")?;
        self.conn = PgConnection::establish(&self.url)?;
        self.conn.batch_execute(SESSION_SETTINGS)?;
        self.conn.batch_execute("set statement_timeout to 0")?;
        Ok(format!("{server}/headroom_copy{original}"))
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.stop();
        self.embedded.stop();
        if !self.keep {
            let _ = std::fs::remove_dir_all(&self.data);
        }
    }
}

fn generate(conn: &mut PgConnection, users: i32) -> anyhow::Result<()> {
    let started = Instant::now();
    let now = Utc::now();
    let today = now.date_naive();
    conn.batch_execute(include_str!("generate_organisations.sql"))?;
    diesel::sql_query(include_str!("generate_users.sql"))
        .bind::<Integer, _>(users)
        .bind::<Timestamptz, _>(now)
        .execute(conn)?;
    diesel::sql_query(include_str!("generate_roles.sql")).execute(conn)?;
    // triggers off: 5,000,000 rows in one statement; the figures are computed once instead
    conn.batch_execute("alter table enrolments disable trigger user")?;
    diesel::sql_query(include_str!("generate_enrolments.sql")).bind::<Date, _>(today).execute(conn)?;
    conn.batch_execute("alter table enrolments enable trigger user")?;
    served::add_admin(conn)?;
    let inserted = started.elapsed();
    conn.batch_execute("select license_rebuild()")?;
    println!(
        "  generated in {:.1} s, of which figures {:.1} s",
        started.elapsed().as_secs_f64(),
        (started.elapsed() - inserted).as_secs_f64()
    );
    conn.batch_execute("vacuum analyze")?;
    let verifying = Instant::now();
    let differences = differences(conn, today)?;
    println!("  verified in {:.1} s: {} differences", verifying.elapsed().as_secs_f64(), differences.len());
    anyhow::ensure!(differences.is_empty(), "the figures are wrong");
    Ok(())
}

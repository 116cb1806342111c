//! Every setting, read once from the environment (`domain.md` section 10).

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;
use lettre::message::Mailbox;

/// What can be set. Each has a flag's worth of documentation in `headroom --help`.
#[derive(Debug, Clone, Args)]
pub struct Settings {
    /// A PostgreSQL (14 or newer) to use, as postgres://user@host/database; without it
    /// Headroom starts one of its own in the data folder
    #[arg(long, env = "DATABASE_URL", hide_env_values = true, global = true, value_name = "URL")]
    pub database_url: Option<String>,

    /// The folder of the embedded PostgreSQL and its socket, and of mail that is not sent
    /// [default: ./data; for root, where PostgreSQL's user cannot enter that, a folder under
    /// /var/lib/headroom]
    #[arg(long, env = "HEADROOM_DATA_DIR", global = true, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
}

/// What can be set of the web server.
#[derive(Debug, Clone, Args)]
pub struct WebSettings {
    /// Address and port to listen on; port 0 takes a free one
    #[arg(long, env = "HEADROOM_BIND", default_value = "127.0.0.1:8080", value_name = "ADDRESS")]
    pub bind: SocketAddr,

    /// The address that browsers use, such as https://headroom.example.org; forms are taken
    /// from there only, and https makes cookies secure [default: http:// and the bound address]
    #[arg(long, env = "HEADROOM_PUBLIC_ORIGIN", value_name = "ORIGIN", value_parser = origin)]
    pub public_origin: Option<String>,

    /// How many connections to the database are kept at most
    #[arg(long, env = "HEADROOM_DATABASE_CONNECTIONS", default_value_t = 10, value_name = "N",
          value_parser = clap::value_parser!(u32).range(1..=500))]
    pub database_connections: u32,

    /// Who may read /metrics from elsewhere than this machine: whoever sends this as a
    /// bearer token
    #[arg(long, env = "HEADROOM_METRICS_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub metrics_token: Option<String>,

    /// The mail server: smtps://user:password@host:port (TLS), smtp://…?tls=required (STARTTLS),
    /// or smtp://host:port (unencrypted, for a server on this machine). Without it, each mail
    /// becomes a file in the folder "mail" of the data folder, also with DATABASE_URL
    #[arg(long, env = "HEADROOM_SMTP_URL", hide_env_values = true, value_name = "URL")]
    pub smtp_url: Option<String>,

    /// The sender of all mail, as "Name <address>" [default: Headroom <headroom@HOST> with the
    /// host of the public origin]
    #[arg(long, env = "HEADROOM_MAIL_FROM", value_name = "SENDER")]
    pub mail_from: Option<Mailbox>,

    /// Take the client's address from the X-Forwarded-For header, or from Forwarded where there is
    /// no such header. Only behind a proxy that sets one and, where that is Forwarded, removes the
    /// other, or everybody can claim any address
    #[arg(long, env = "HEADROOM_TRUST_PROXY", value_parser = clap::builder::BoolishValueParser::new(),
          default_value_t = false, num_args = 0..=1, default_missing_value = "true", action = clap::ArgAction::Set)]
    pub trust_proxy: bool,
}

/// Accepts an origin: scheme, host and port, nothing after them.
fn origin(text: &str) -> Result<String, String> {
    let text = text.strip_suffix('/').unwrap_or(text);
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    match host {
        Some(host) if !host.is_empty() && !host.contains(['/', '?', '#', '@', ' ']) => Ok(text.to_ascii_lowercase()),
        _ => Err("an origin is http:// or https:// and a host, with a port if need be, and nothing else".into()),
    }
}

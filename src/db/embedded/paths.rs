//! Where PostgreSQL's programs are, as whom they run, and which folders that user can reach.

use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};
use nix::unistd::{Gid, Uid, User, chown};
use sha2::{Digest, Sha256};

use super::make_private;

/// A socket's path may have about 100 bytes; PostgreSQL adds `/.s.PGSQL.5432.lock`.
const LONGEST_SOCKET_FOLDER: usize = 80;

/// PostgreSQL's programs and the user that they run as.
#[derive(Debug)]
pub struct Programs {
    bin: PathBuf,
    /// Set when this process is root, as which PostgreSQL refuses to run.
    unprivileged: Option<(Uid, Gid)>,
}

impl Programs {
    /// Finds them; of several versions the one that `data_dir` was made with, else the newest.
    pub fn find(data_dir: &Path) -> anyhow::Result<Programs> {
        let folders = bin_folders();
        let made_with = fs::read_to_string(data_dir.join("postgres/PG_VERSION")).ok();
        let chosen = match &made_with {
            Some(version) => folders.iter().find(|bin| major_version(bin).as_deref() == Some(version.trim())),
            None => folders.first(),
        };
        let Some(bin) = chosen else {
            match made_with {
                Some(version) => bail!(
                    "The data folder {} was made with PostgreSQL {}, which is not installed here. \
                     Install that version, or upgrade the folder with pg_upgrade.",
                    data_dir.display(),
                    version.trim()
                ),
                None => bail!(
                    "PostgreSQL is not installed: neither HEADROOM_PG_BIN, pg_config, /usr/lib/postgresql nor PATH \
                     leads to initdb and postgres. On Debian or Ubuntu: apt-get install postgresql. \
                     Or set DATABASE_URL to a server that runs elsewhere."
                ),
            }
        };
        Ok(Programs {
            bin: bin.clone(),
            unprivileged: owner_of_cluster(data_dir).map_or_else(unprivileged_user, |owner| Ok(Some(owner)))?,
        })
    }

    /// One of the programs, to be run as the user that may.
    pub(super) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command.current_dir("/").env_clear().env("PATH", "/usr/bin:/bin").env("LC_ALL", "C.UTF-8");
        if let Some((uid, gid)) = self.unprivileged {
            command.uid(uid.as_raw()).gid(gid.as_raw());
        }
        command
    }

    /// Creates the data folder so that PostgreSQL's user can use it.
    pub(super) fn prepare_folder(&self, data_dir: &Path) -> anyhow::Result<()> {
        fs::create_dir_all(data_dir)
            .with_context(|| format!("Cannot create the data folder {}.", data_dir.display()))?;
        let Some((uid, gid)) = self.unprivileged else { return Ok(()) };
        let data_dir = data_dir.canonicalize()?;
        if let Some(closed) = closed_ancestor(&data_dir, uid, gid) {
            bail!(
                "PostgreSQL runs as the user {}, who cannot enter {}. \
                 Set HEADROOM_DATA_DIR to a folder that this user can reach, such as /var/lib/headroom.",
                user_name(uid),
                closed.display()
            );
        }
        chown(&data_dir, Some(uid), Some(gid)).context("Cannot hand the data folder to PostgreSQL's user.")?;
        Ok(())
    }

    /// The folder of the socket: in the data folder, or in the system's temporary folder when
    /// that path is too long for a socket.
    pub(super) fn socket_folder(&self, data_dir: &Path) -> anyhow::Result<PathBuf> {
        let inside = data_dir.join("socket");
        let folder = if inside.as_os_str().len() <= LONGEST_SOCKET_FOLDER {
            inside
        } else {
            PathBuf::from(format!("/tmp/headroom-{}", short_hash(data_dir)))
        };
        if let Err(error) = fs::create_dir(&folder)
            && error.kind() != std::io::ErrorKind::AlreadyExists
        {
            return Err(error).with_context(|| format!("Cannot create {}.", folder.display()));
        }
        // In a folder that everybody may write to, somebody else may have been there first.
        let metadata = fs::symlink_metadata(&folder)?;
        let own = Uid::current();
        let allowed = [own.as_raw(), self.unprivileged.map_or(own, |(uid, _)| uid).as_raw()];
        if !metadata.is_dir() || !allowed.contains(&metadata.uid()) {
            bail!("The folder {} belongs to somebody else; remove it.", folder.display());
        }
        if let Some((uid, gid)) = self.unprivileged {
            chown(&folder, Some(uid), Some(gid))?;
        }
        make_private(&folder)?;
        Ok(folder)
    }
}

/// `./data`, or what [`reachable`] makes of it.
pub fn default_data_dir() -> anyhow::Result<PathBuf> {
    reachable(&std::env::current_dir()?.join("data"))
}

/// The wanted folder; as root, where PostgreSQL's user cannot enter it (root's home is closed),
/// a folder under /var/lib/headroom instead, named after the wanted one.
pub fn reachable(wanted: &Path) -> anyhow::Result<PathBuf> {
    if let Some((uid, gid)) = unprivileged_user()?
        && closed_ancestor(wanted, uid, gid).is_some()
    {
        return Ok(PathBuf::from("/var/lib/headroom").join(short_hash(wanted)));
    }
    Ok(wanted.to_owned())
}

/// Folders with initdb and postgres, in the order in which they are preferred.
fn bin_folders() -> Vec<PathBuf> {
    let mut folders: Vec<PathBuf> = std::env::var_os("HEADROOM_PG_BIN").map(PathBuf::from).into_iter().collect();
    if let Ok(output) = Command::new("pg_config").arg("--bindir").output() {
        folders.push(PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    }
    let mut packaged: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin"))))
        .collect();
    packaged.sort_by(|left, right| right.cmp(left));
    folders.extend(packaged.into_iter().map(|(_, bin)| bin));
    folders.extend(std::env::var_os("PATH").iter().flat_map(std::env::split_paths));
    folders.retain(|bin| bin.join("initdb").exists() && bin.join("postgres").exists());
    folders
}

/// "15" for `postgres (PostgreSQL) 15.18`.
fn major_version(bin: &Path) -> Option<String> {
    let output = Command::new(bin.join("postgres")).arg("--version").output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let version = text.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    version.split('.').next().map(str::to_owned)
}

/// Whom to run PostgreSQL as when this process is root.
fn unprivileged_user() -> anyhow::Result<Option<(Uid, Gid)>> {
    if !Uid::effective().is_root() {
        return Ok(None);
    }
    for name in ["postgres", "nobody"] {
        if let Some(user) = User::from_name(name)? {
            return Ok(Some((user.uid, user.gid)));
        }
    }
    bail!("PostgreSQL does not run as root, and there is neither a user postgres nor nobody to run it as.")
}

/// Who made the cluster, when this process is root and somebody else did: it stays theirs.
fn owner_of_cluster(data_dir: &Path) -> Option<(Uid, Gid)> {
    let metadata = fs::metadata(data_dir.join("postgres")).ok().filter(|_| Uid::effective().is_root())?;
    (metadata.uid() != 0).then(|| (Uid::from_raw(metadata.uid()), Gid::from_raw(metadata.gid())))
}

/// The first folder on the way to `dir` that the user may not enter.
fn closed_ancestor(dir: &Path, uid: Uid, gid: Gid) -> Option<PathBuf> {
    let ancestors: Vec<&Path> = dir.ancestors().skip(1).collect();
    ancestors
        .into_iter()
        .rev()
        .find(|folder| {
            fs::metadata(folder).is_ok_and(|metadata| {
                let mode = metadata.permissions().mode();
                let enter = if metadata.uid() == uid.as_raw() {
                    0o100
                } else if metadata.gid() == gid.as_raw() {
                    0o010
                } else {
                    0o001
                };
                mode & enter == 0
            })
        })
        .map(Path::to_owned)
}

fn user_name(uid: Uid) -> String {
    User::from_uid(uid).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name)
}

/// Eight hexadecimal digits that tell one folder from another.
fn short_hash(path: &Path) -> String {
    let hash = Sha256::digest(path.as_os_str().as_encoded_bytes());
    hash[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

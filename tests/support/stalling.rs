//! A way to the database that can fall silent: bytes stop, connections stay open.

use std::fs;
use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

/// Stands between a program and the socket of a PostgreSQL.
pub struct StallingProxy {
    folder: PathBuf,
    silent: Arc<(Mutex<bool>, Condvar)>,
}

impl StallingProxy {
    /// In front of the server whose socket is in this folder.
    pub fn before(socket_folder: &Path) -> StallingProxy {
        let folder = std::env::temp_dir().join(format!("headroom-stalling-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder");
        let listener = UnixListener::bind(folder.join(".s.PGSQL.5432")).expect("a socket");
        let silent = Arc::new((Mutex::new(false), Condvar::new()));
        let (target, state) = (socket_folder.join(".s.PGSQL.5432"), Arc::clone(&silent));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let server = UnixStream::connect(&target).expect("the server's socket");
                pass_on(client.try_clone().expect("a socket"), server.try_clone().expect("a socket"), &state);
                pass_on(server, client, &state);
            }
        });
        StallingProxy { folder, silent }
    }

    /// Where the proxy's socket is.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// From now on nothing passes, or everything again.
    pub fn silence(&self, silent: bool) {
        *self.silent.0.lock().expect("the state") = silent;
        self.silent.1.notify_all();
    }
}

impl Drop for StallingProxy {
    fn drop(&mut self) {
        self.silence(false);
        let _ = fs::remove_dir_all(&self.folder);
    }
}

fn pass_on(mut from: UnixStream, mut to: UnixStream, silent: &Arc<(Mutex<bool>, Condvar)>) {
    let silent = Arc::clone(silent);
    thread::spawn(move || {
        let mut bytes = [0; 8192];
        while let Ok(read @ 1..) = from.read(&mut bytes) {
            drop(silent.1.wait_while(silent.0.lock().expect("the state"), |silent| *silent));
            if to.write_all(&bytes[..read]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(std::net::Shutdown::Both);
    });
}

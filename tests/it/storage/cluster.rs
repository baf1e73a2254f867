//! A PostgreSQL server of a test's own, which can be stopped and started.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

use crate::support::{query_at, signal};

/// A server on a free port, with its files in a folder that goes away with it.
pub struct Cluster {
    folder: tempfile::TempDir,
    binaries: PathBuf,
    pub port: u16,
}

impl Cluster {
    /// # Panics
    /// When PostgreSQL's programs are not there.
    pub fn start() -> Self {
        let binaries = binaries().expect(
            "this test starts and stops a PostgreSQL server: install Debian's package postgresql, \
             as tests/run does",
        );
        let cluster = Self::in_folder(binaries, Self::free_port());
        let data = cluster.data();
        cluster.run(
            "initdb",
            &["-D", &data, "-A", "trust", "-U", "postgres", "--no-sync"],
        );
        cluster.configure();
        cluster.again();
        cluster
    }

    /// A port that was free a moment ago.
    pub fn free_port() -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    }

    fn in_folder(binaries: PathBuf, port: u16) -> Self {
        let cluster = Self {
            folder: tempfile::tempdir().unwrap(),
            binaries,
            port,
        };
        if is_root() {
            let path = cluster.folder.path();
            let given = Command::new("chown").arg("postgres").arg(path).status();
            assert!(given.unwrap().success());
        }
        cluster
    }

    /// The last of several values of one setting counts.
    fn configure(&self) {
        let settings = format!(
            "port = {}\nlisten_addresses = '127.0.0.1'\nmax_connections = 100\n\
             unix_socket_directories = '{}'\n",
            self.port,
            self.folder.path().display()
        );
        let mut file = std::fs::OpenOptions::new()
            .append(true)
            .open(Path::new(&self.data()).join("postgresql.conf"))
            .unwrap();
        std::io::Write::write_all(&mut file, settings.as_bytes()).unwrap();
    }

    /// A standby with what is here now, which gets nothing of what comes after: one that lags behind.
    pub fn standby(&self, port: u16) -> Self {
        let standby = Self::in_folder(self.binaries.clone(), port);
        let data = standby.data();
        standby.run(
            "pg_basebackup",
            &["-D", &data, "-d", &self.url(), "-c", "fast", "--no-sync"],
        );
        standby.configure();
        std::fs::write(Path::new(&data).join("standby.signal"), "").unwrap();
        standby.again();
        standby
    }

    /// Makes the standby a server of its own.
    pub fn promote(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-w", "promote"]);
    }

    /// Ends the server at once, as a machine that fails.
    pub fn kill(&self) {
        self.run(
            "pg_ctl",
            &["-D", &self.data(), "-m", "immediate", "-w", "stop"],
        );
    }

    pub fn url(&self) -> String {
        format!("postgres://postgres@127.0.0.1:{}/postgres", self.port)
    }

    /// Stops the server; those connected are cut off.
    pub fn stop(&self) {
        self.run("pg_ctl", &["-D", &self.data(), "-m", "fast", "-w", "stop"]);
    }

    /// Starts the server again, and waits until it takes connections.
    pub fn again(&self) {
        let log = self.folder.path().join("log");
        self.run(
            "pg_ctl",
            &[
                "-D",
                &self.data(),
                "-l",
                log.to_str().unwrap(),
                "-w",
                "start",
            ],
        );
    }

    /// Stops every process of the server where it stands: connections stay, and nothing answers.
    pub fn freeze(&self) -> Frozen {
        let file = Path::new(&self.data()).join("postmaster.pid");
        let text = std::fs::read_to_string(file).unwrap();
        let main = text.lines().next().unwrap().parse().unwrap();
        // First the one that makes the others.
        let mut frozen = Frozen(vec![main]);
        assert!(signal(main, "STOP"));
        for child in children(main) {
            // One may have ended meanwhile.
            if signal(child, "STOP") {
                frozen.0.push(child);
            }
        }
        frozen
    }

    /// As [`Self::freeze`], for the processes alone that serve those who are connected now.
    pub fn freeze_connections(&self) -> Frozen {
        let query = "SELECT CAST(pid AS TEXT) AS text FROM pg_stat_activity \
                     WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
        let pids = query_at(&self.url(), query);
        let pids = pids.iter().map(|pid| pid.parse().unwrap());
        Frozen(pids.filter(|pid| signal(*pid, "STOP")).collect())
    }

    /// Runs a statement that changes the server itself, even while it is read-only.
    pub fn alter(&self, statement: &str) {
        let mut connection = PgConnection::establish(&self.url()).unwrap();
        connection
            .batch_execute("SET default_transaction_read_only = off")
            .unwrap();
        connection.batch_execute(statement).unwrap();
        connection.batch_execute("SELECT pg_reload_conf()").unwrap();
    }

    fn data(&self) -> String {
        self.folder.path().join("data").to_str().unwrap().to_owned()
    }

    fn run(&self, program: &str, args: &[&str]) {
        let program = self.binaries.join(program);
        // PostgreSQL refuses to run as root.
        let mut command = match is_root() {
            true => {
                let mut command = Command::new("runuser");
                command.args(["-u", "postgres", "--"]).arg(program);
                command
            }
            false => Command::new(program),
        };
        // Not piped: the server would keep the pipe open.
        let log = std::fs::File::create(self.folder.path().join("said")).unwrap();
        command.args(args).current_dir(self.folder.path());
        let done = command
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .status()
            .unwrap();
        let said = std::fs::read_to_string(self.folder.path().join("said")).unwrap();
        assert!(done.success(), "{said}");
    }
}

/// The processes of a server that was frozen; they go on when this is dropped.
pub struct Frozen(Vec<u32>);

impl Drop for Frozen {
    fn drop(&mut self) {
        for pid in self.0.iter().rev() {
            signal(*pid, "CONT");
        }
    }
}

/// The processes that this one has started.
fn children(of: u32) -> Vec<u32> {
    let threads = format!("/proc/{of}/task/{of}/children");
    let children = std::fs::read_to_string(threads).unwrap();
    let children = children.split_ascii_whitespace();
    children.map(|pid| pid.parse().unwrap()).collect()
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let data = self.data();
        if Path::new(&data).join("postmaster.pid").exists() {
            self.kill();
        }
    }
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Where `initdb` is: Debian keeps it off the path.
fn binaries() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path().join("bin"))
        .collect();
    versions.sort();
    versions.splice(0..0, ["/usr/bin", "/usr/local/bin"].map(PathBuf::from));
    versions
        .into_iter()
        .rev()
        .find(|folder| folder.join("initdb").exists())
}

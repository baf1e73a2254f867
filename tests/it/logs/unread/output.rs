//! What standard error can lead to, how it becomes bad, and how it becomes good again.

use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use rustix::fs::OFlags;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// `/dev/full`, as long as there is a process.
    FullDevice,
    /// A volume of 64 KiB that something else fills, and that gets room.
    FullVolume,
    /// A pipe whose reader ends, and is followed by none or another.
    EndedReader,
    FollowedReader,
    /// A pipe whose reader stands still, and for ever, or comes back.
    StandingReader,
    ReturningReader,
    /// The last, when somebody else has made the pipe non-blocking.
    FullPipe,
}

impl Kind {
    pub const ALL: [Self; 7] = [
        Self::FullDevice,
        Self::FullVolume,
        Self::EndedReader,
        Self::FollowedReader,
        Self::StandingReader,
        Self::ReturningReader,
        Self::FullPipe,
    ];

    /// Whether it becomes good again.
    pub fn returns(self) -> bool {
        matches!(
            self,
            Self::FullVolume | Self::FollowedReader | Self::ReturningReader | Self::FullPipe
        )
    }

    fn ends(self) -> bool {
        matches!(self, Self::EndedReader | Self::FollowedReader)
    }
}

/// What the reader of a pipe does.
#[derive(Default)]
struct Reading {
    is_still: bool,
    is_ended: bool,
}

/// One place for lines.
pub struct Output {
    kind: Kind,
    folder: tempfile::TempDir,
    is_mounted: bool,
    read: Arc<Mutex<Vec<u8>>>,
    reading: Arc<(Mutex<Reading>, Condvar)>,
}

impl Output {
    pub fn new(kind: Kind) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let is_mounted = kind == Kind::FullVolume && mount(folder.path(), "size=64k");
        let output = Self {
            kind,
            folder,
            is_mounted,
            read: Arc::default(),
            reading: Arc::default(),
        };
        if output.is_pipe() {
            let made = Command::new("mkfifo").arg(output.path()).status();
            assert!(made.unwrap().success());
            output.begin_to_read();
        }
        output
    }

    /// Whether there is what the kind needs: who may not mount has no volume.
    pub fn is_possible(&self) -> bool {
        self.kind != Kind::FullVolume || self.is_mounted
    }

    fn is_pipe(&self) -> bool {
        !matches!(self.kind, Kind::FullDevice | Kind::FullVolume)
    }

    fn path(&self) -> PathBuf {
        match self.kind {
            Kind::FullDevice => "/dev/full".into(),
            _ => self.folder.path().join("log"),
        }
    }

    fn filler(&self) -> PathBuf {
        self.folder.path().join("filler")
    }

    /// For a process to write to.
    pub fn to_write(&self) -> Stdio {
        let mut options = OpenOptions::new();
        options.append(true).create(!self.is_pipe());
        if self.kind == Kind::FullPipe {
            options.custom_flags(OFlags::NONBLOCK.bits().cast_signed());
        }
        options.open(self.path()).unwrap().into()
    }

    /// Reads the pipe, as long as that is wanted.
    fn begin_to_read(&self) {
        // Opened so, it waits for no writer; read so, it would not wait for a line.
        let mut options = OpenOptions::new();
        options.read(true);
        options.custom_flags(OFlags::NONBLOCK.bits().cast_signed());
        let mut pipe = options.open(self.path()).unwrap();
        let (read, reading) = (self.read.clone(), self.reading.clone());
        std::thread::spawn(move || {
            let mut bytes = [0; 4096];
            let is_wanted = || {
                let (told, changed) = &*reading;
                let mut told = told.lock().unwrap();
                while told.is_still && !told.is_ended {
                    let time = Duration::from_millis(100);
                    told = changed.wait_timeout(told, time).unwrap().0;
                }
                !told.is_ended
            };
            while is_wanted() {
                match pipe.read(&mut bytes) {
                    Ok(count) if count > 0 => {
                        read.lock().unwrap().extend_from_slice(&bytes[..count]);
                    }
                    // No line, or no writer yet.
                    _ => std::thread::sleep(Duration::from_millis(2)),
                }
            }
        });
    }

    /// Whether something has arrived.
    pub fn has_lines(&self) -> bool {
        self.text().contains('\n')
    }

    /// Makes it bad.
    pub fn spoil(&self) {
        if self.kind == Kind::FullVolume {
            let mut file = File::create(self.filler()).unwrap();
            while file.write_all(&[b'x'; 64]).is_ok() {}
        }
        self.tell(|reading| {
            reading.is_still = true;
            reading.is_ended = self.kind.ends();
        });
        if self.kind.ends() {
            // The reader's end of the pipe is closed when nothing else holds it.
            while Arc::strong_count(&self.read) > 1 {
                std::thread::sleep(Duration::from_millis(1));
            }
        }
    }

    /// Makes it good again.
    pub fn mend(&mut self) {
        match self.kind {
            Kind::FullVolume => assert!(mount(self.folder.path(), "remount,size=64m")),
            Kind::FollowedReader => {
                self.reading = Arc::default();
                self.begin_to_read();
            }
            _ => self.tell(|reading| reading.is_still = false),
        }
    }

    fn tell(&self, tell: impl FnOnce(&mut Reading)) {
        tell(&mut self.reading.0.lock().unwrap());
        self.reading.1.notify_all();
    }

    /// All that arrived so far.
    pub fn text(&self) -> String {
        match self.kind {
            Kind::FullDevice => String::new(),
            Kind::FullVolume => fs::read_to_string(self.path()).unwrap_or_default(),
            _ => String::from_utf8(self.read.lock().unwrap().clone()).unwrap(),
        }
    }
}

/// Makes or changes a small file system in memory; answers whether that is allowed here.
fn mount(folder: &Path, options: &str) -> bool {
    let options = format!("{options},mode=700");
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", &options, "tmpfs"]);
    let mounted = mount.arg(folder).stderr(Stdio::null()).status();
    mounted.is_ok_and(|status| status.success())
}

impl Drop for Output {
    fn drop(&mut self) {
        self.tell(|reading| reading.is_ended = true);
        if self.is_mounted {
            let mut umount = Command::new("umount");
            let _ = umount.arg("--lazy").arg(self.folder.path()).status();
        }
    }
}

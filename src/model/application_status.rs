//! What an application is doing, as its operator says, and which act leads from where to where.

/// A status as console clients know it. Mintmark runs nothing, so it records only those that an act
/// leads to; the others are the console's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ApplicationStatus {
    Running,
    Stopped,
    Error,
    Starting,
    Stopping,
    Initializing,
    Updating,
    Frozen,
    Creating,
    Deleting,
    Deleted,
}

use ApplicationStatus::*;

impl ApplicationStatus {
    pub const ALL: [ApplicationStatus; 11] = [
        Running,
        Stopped,
        Error,
        Starting,
        Stopping,
        Initializing,
        Updating,
        Frozen,
        Creating,
        Deleting,
        Deleted,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Running => "Running",
            Stopped => "Stopped",
            Error => "Error",
            Starting => "Starting",
            Stopping => "Stopping",
            Initializing => "Initializing",
            Updating => "Updating",
            Frozen => "Frozen",
            Creating => "Creating",
            Deleting => "Deleting",
            Deleted => "Deleted",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }
}

/// What an operator does to an application's status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StatusAct {
    Start,
    Stop,
    Suspend,
    Restore,
}

impl StatusAct {
    /// From where the act leads, and to where. What was frozen comes back running, whatever it was
    /// before; a deletion is final.
    const fn row(self) -> (&'static [ApplicationStatus], ApplicationStatus) {
        match self {
            StatusAct::Start => (&[Stopped], Running),
            StatusAct::Stop => (&[Running], Stopped),
            StatusAct::Suspend => (&[Running, Stopped], Frozen),
            StatusAct::Restore => (&[Frozen], Running),
        }
    }

    /// Where the act leads from here; nothing where it is not allowed.
    pub fn from(self, status: ApplicationStatus) -> Option<ApplicationStatus> {
        let (from, to) = self.row();
        from.contains(&status).then_some(to)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            StatusAct::Start => "start",
            StatusAct::Stop => "stop",
            StatusAct::Suspend => "suspend",
            StatusAct::Restore => "restore",
        }
    }

    /// The kind of the audit event that it leaves behind.
    pub const fn event(self) -> &'static str {
        match self {
            StatusAct::Start => "application.started",
            StatusAct::Stop => "application.stopped",
            StatusAct::Suspend => "application.suspended",
            StatusAct::Restore => "application.restored",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_is_read_back_and_a_deleted_one_stays_deleted() {
        for status in ApplicationStatus::ALL {
            assert_eq!(ApplicationStatus::parse(status.as_str()), Some(status));
        }
        assert_eq!(ApplicationStatus::parse("running"), None);
        for act in [
            StatusAct::Start,
            StatusAct::Stop,
            StatusAct::Suspend,
            StatusAct::Restore,
        ] {
            assert_eq!(act.from(Deleted), None);
            let (from, to) = act.row();
            assert!(!from.contains(&to), "{act:?} leads somewhere");
        }
    }
}

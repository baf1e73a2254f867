//! What is wrong with this process now, by kind: shown on `GET /readyz?verbose`, and told in the log
//! when it begins and when it ends.
//!
//! An alarm is raised where something is found to be wrong and lowered where it is found to be well,
//! by the same piece of code, as often as it looks: only a change is told. What an alarm says in
//! public is fixed text; figures and causes stand in the log.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What can be wrong. The order is that of the answer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Alarm {
    /// The calendar's clock shows an earlier time than one that was seen already.
    ClockBehind,
    /// The calendar's clock is far ahead of everything that the database knows.
    ClockAhead,
    /// The calendar's clock and the database's are apart.
    ClocksApart,
    /// Something is due to be deleted for good, and that waits.
    DeletionWaits,
    /// Nothing can be written to the database.
    WritesFail,
    /// The database does not answer, though its connections stand.
    DatabaseHangs,
    /// The files of an SQLite database are no longer those that were opened.
    DatabaseMoved,
    /// The check after the start found damage in the database file.
    DatabaseDamaged,
    /// Lines of the log cannot be written, or nobody reads them.
    LogLines,
}

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Gravity {
    /// Somebody should look at it; everything is served.
    Warning,
    /// Something is not done; what can be served is served.
    Error,
    /// As an error, and nothing should be sent to this process while it lasts: it is not ready.
    NotReady,
}

impl Alarm {
    pub const ALL: [Self; 9] = [
        Self::ClockBehind,
        Self::ClockAhead,
        Self::ClocksApart,
        Self::DeletionWaits,
        Self::WritesFail,
        Self::DatabaseHangs,
        Self::DatabaseMoved,
        Self::DatabaseDamaged,
        Self::LogLines,
    ];

    /// Its name on the wire and in the log.
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// Whether the process is not ready while this lasts.
    pub fn fails_readiness(self) -> bool {
        self.row().1 == Gravity::NotReady
    }

    const fn row(self) -> (&'static str, Gravity) {
        match self {
            Self::ClockBehind => ("clock-behind", Gravity::Error),
            Self::ClockAhead => ("clock-ahead", Gravity::Error),
            Self::ClocksApart => ("clocks-apart", Gravity::Warning),
            Self::DeletionWaits => ("deletion-waits", Gravity::Warning),
            Self::WritesFail => ("writes-fail", Gravity::Error),
            Self::DatabaseHangs => ("database-hangs", Gravity::NotReady),
            Self::DatabaseMoved => ("database-moved", Gravity::NotReady),
            Self::DatabaseDamaged => ("database-damaged", Gravity::Error),
            Self::LogLines => ("log-lines", Gravity::Warning),
        }
    }
}

/// One alarm that is raised, as it is shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Raised {
    pub alarm: Alarm,
    pub text: &'static str,
}

/// What is wrong with this process now.
#[derive(Default)]
pub struct Alarms(Mutex<BTreeMap<Alarm, &'static str>>);

impl Alarms {
    /// Says that this is wrong, and what it means. Raised already with the same text, nothing happens.
    pub fn raise(&self, alarm: Alarm, text: &'static str) {
        self.raise_for(alarm, text, || "");
    }

    /// As [`Self::raise`], with a cause for the log alone, which is asked for when it is written.
    pub fn raise_for<C: AsRef<str>>(
        &self,
        alarm: Alarm,
        text: &'static str,
        cause: impl FnOnce() -> C,
    ) {
        if self.lock().insert(alarm, text) == Some(text) {
            return;
        }
        let (name, cause) = (alarm.name(), cause());
        let cause = Some(cause.as_ref()).filter(|cause| !cause.is_empty());
        match alarm.row().1 {
            Gravity::Warning => tracing::warn!(alarm = name, text, cause, "alarm"),
            Gravity::Error | Gravity::NotReady => {
                tracing::error!(alarm = name, text, cause, "alarm");
            }
        }
    }

    /// Says that this is well. Unless it was raised, nothing happens.
    pub fn lower(&self, alarm: Alarm) {
        if self.lock().remove(&alarm).is_some() {
            tracing::info!(alarm = alarm.name(), "alarm ended");
        }
    }

    /// As [`Self::raise`] and [`Self::lower`], without a line: for the log itself.
    pub fn raise_untold(&self, alarm: Alarm, text: &'static str) {
        self.lock().insert(alarm, text);
    }

    pub fn lower_untold(&self, alarm: Alarm) {
        self.lock().remove(&alarm);
    }

    /// All that are raised.
    pub fn list(&self) -> Vec<Raised> {
        let raised = |(alarm, text): (&Alarm, &&'static str)| Raised {
            alarm: *alarm,
            text,
        };
        self.lock().iter().map(raised).collect()
    }

    /// Whether this one is raised.
    pub fn is_raised(&self, alarm: Alarm) -> bool {
        self.lock().contains_key(&alarm)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<Alarm, &'static str>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_alarm_stands_in_the_table_for_operators() {
        let table = include_str!("../docs/alarms.md");
        for alarm in Alarm::ALL {
            let ready = if alarm.fails_readiness() { "no" } else { "yes" };
            let row = format!("\n| `{}` | {ready} | ", alarm.name());
            assert!(table.contains(&row), "docs/alarms.md lacks a row {row:?}");
        }
        let rows = table.lines().filter(|line| line.starts_with("| `")).count();
        assert_eq!(
            rows,
            Alarm::ALL.len(),
            "docs/alarms.md has a row of no alarm"
        );
    }

    #[test]
    fn an_alarm_is_raised_once_changes_its_text_and_ends() {
        let alarms = Alarms::default();
        assert_eq!(alarms.list(), []);
        let mut causes = 0;
        for text in ["a", "a", "b"] {
            alarms.raise_for(Alarm::WritesFail, text, || {
                causes += 1;
                "why"
            });
        }
        assert_eq!(causes, 2);
        alarms.raise(Alarm::ClockBehind, "c");
        let raised = |alarm, text| Raised { alarm, text };
        let both = [
            raised(Alarm::ClockBehind, "c"),
            raised(Alarm::WritesFail, "b"),
        ];
        assert_eq!(alarms.list(), both);
        alarms.lower(Alarm::WritesFail);
        alarms.lower(Alarm::WritesFail);
        assert!(!alarms.is_raised(Alarm::WritesFail));
        assert!(alarms.is_raised(Alarm::ClockBehind));
    }
}

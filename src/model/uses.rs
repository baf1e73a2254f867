//! When, from where and for what a client was used: what its row says, and what is added to it.

use std::collections::BTreeMap;
use std::net::IpAddr;

use serde_json::{Map, Value, json};

use crate::model::scope::ScopeSet;
use crate::model::timestamp::{Day, Timestamp};

/// For how many days tokens are counted.
pub const DAYS_KEPT: i64 = 90;

/// Of how many secrets the last use is kept: those used last. Two live at once, and by the time
/// that one of them has seen so many others come and go beside it, it has ended.
pub const SECRETS_KEPT: usize = 8;

/// The last use of a client or of one of its secrets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LastUse {
    /// To the minute.
    pub at: Timestamp,
    pub from: IpAddr,
}

impl LastUse {
    /// The later of the two; the other one where both are of one minute.
    #[must_use]
    pub fn or_later(self, other: Self) -> Self {
        if other.at >= self.at { other } else { self }
    }
}

/// How a client was used: in all, or since it was last written down.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Uses {
    pub first_at: Timestamp,
    /// The last token issued or call made with one.
    pub last: LastUse,
    /// By the secret's id: the last token that was issued for it.
    pub secrets: BTreeMap<String, LastUse>,
    /// The console scopes without which a call would have been refused; `openid` where an id_token
    /// was issued.
    pub scopes: ScopeSet,
    /// How many tokens were issued.
    pub days: BTreeMap<Day, i64>,
}

impl Uses {
    /// Adds what happened elsewhere or since. Of two last uses in one minute the added one counts.
    pub fn add(&mut self, other: &Uses) {
        self.first_at = self.first_at.min(other.first_at);
        self.last = self.last.or_later(other.last);
        self.scopes = self.scopes | other.scopes;
        for (id, last) in &other.secrets {
            let known = self.secrets.entry(id.clone()).or_insert(*last);
            *known = known.or_later(*last);
        }
        while self.secrets.len() > SECRETS_KEPT {
            let oldest = self.secrets.iter().min_by_key(|(_, last)| last.at);
            let Some(id) = oldest.map(|(id, _)| id.clone()) else {
                break;
            };
            self.secrets.remove(&id);
        }
        for (day, issued) in &other.days {
            let count = self.days.entry(*day).or_default();
            *count = count.saturating_add(*issued);
        }
        // By number: a day that a wrong clock put far ahead takes one place, and no other with it.
        while self.days.len() > DAYS_KEPT as usize {
            self.days.pop_first();
        }
    }

    /// The tokens issued on each of the last 90 days, today last.
    pub fn per_day(&self, today: Day) -> Vec<(Day, i64)> {
        let days = (1 - DAYS_KEPT..=0).map(|back| today.plus(back));
        days.map(|day| (day, self.days.get(&day).copied().unwrap_or(0)))
            .collect()
    }

    /// What of `scope` was never used.
    pub fn never_used(&self, scope: ScopeSet) -> ScopeSet {
        scope - self.scopes
    }

    /// A JSON object: each secret's id with `{at, from}`.
    pub fn secrets_to_json(&self) -> Value {
        let member = |(id, last): (&String, &LastUse)| {
            let use_ = json!({"at": last.at.millis(), "from": last.from.to_string()});
            (id.clone(), use_)
        };
        Value::Object(self.secrets.iter().map(member).collect::<Map<_, _>>())
    }

    /// Reads what `secrets_to_json` wrote; nothing if it is something else.
    pub fn secrets_from_json(json: &Value) -> Option<BTreeMap<String, LastUse>> {
        let read = |(id, last): (&String, &Value)| {
            let at = Timestamp::from_millis(last.get("at")?.as_i64()?);
            let from = last.get("from")?.as_str()?.parse().ok()?;
            Some((id.clone(), LastUse { at, from }))
        };
        json.as_object()?.iter().map(read).collect()
    }

    /// A JSON object: each day with its count.
    pub fn days_to_json(&self) -> Value {
        let member = |(day, issued): (&Day, &i64)| (day.to_string(), Value::from(*issued));
        Value::Object(self.days.iter().map(member).collect::<Map<_, _>>())
    }

    /// Reads what `days_to_json` wrote; nothing if it is something else.
    pub fn days_from_json(json: &Value) -> Option<BTreeMap<Day, i64>> {
        let read = |(day, issued): (&String, &Value)| Some((Day::parse(day)?, issued.as_i64()?));
        json.as_object()?.iter().map(read).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::scope::Scope;

    fn uses(minute: i64, from: u8, secret: &str, issued: i64) -> Uses {
        let at = Timestamp::from_seconds(minute * 60);
        let last = LastUse {
            at,
            from: IpAddr::from([192, 0, 2, from]),
        };
        Uses {
            first_at: at,
            last,
            secrets: BTreeMap::from([(secret.to_owned(), last)]),
            scopes: ScopeSet::EMPTY,
            days: BTreeMap::from([(at.day(), issued)]),
        }
    }

    #[test]
    fn what_two_nodes_noted_comes_to_the_same_in_either_order() {
        let mut one = uses(10, 1, "a", 5);
        one.scopes = ScopeSet::of(&[Scope::OpenId]);
        let mut two = uses(12, 2, "b", 7);
        two.scopes = ScopeSet::of(&[Scope::UsersRead]);
        two.add(&uses(11, 3, "a", 1));
        let (mut forth, mut back) = (one.clone(), two.clone());
        forth.add(&two);
        back.add(&one);
        assert_eq!(forth, back);
        assert_eq!(forth.first_at, Timestamp::from_seconds(600));
        assert_eq!(forth.last, uses(12, 2, "", 0).last);
        assert_eq!(forth.secrets["a"], uses(11, 3, "", 0).last);
        assert_eq!(forth.secrets["b"], uses(12, 2, "", 0).last);
        assert_eq!(forth.scopes.to_string(), "openid users:read");
        assert_eq!(
            forth.days,
            BTreeMap::from([(Timestamp::from_seconds(0).day(), 13)])
        );
        let may = ScopeSet::of(&[Scope::OpenId, Scope::KeysRead]);
        assert_eq!(forth.never_used(may).to_string(), "keys:read");
    }

    #[test]
    fn ninety_days_and_the_secrets_used_last_are_kept() {
        let minutes_a_day = 24 * 60;
        let mut all = uses(0, 1, "0", 1);
        for day in 1..200 {
            all.add(&uses(day * minutes_a_day, 1, &day.to_string(), day));
        }
        assert_eq!(all.days.len(), 90);
        let today = Timestamp::from_seconds(199 * 86_400).day();
        let shown = all.per_day(today);
        assert_eq!(shown.len(), 90);
        assert_eq!(shown[89], (today, 199));
        assert_eq!(shown[0], (today.plus(-89), 110));
        // Days without a token are there too.
        assert_eq!(all.per_day(today.plus(1))[89], (today.plus(1), 0));
        let kept: Vec<&str> = all.secrets.keys().map(String::as_str).collect();
        assert_eq!(
            kept,
            ["192", "193", "194", "195", "196", "197", "198", "199"]
        );
    }

    #[test]
    fn what_is_written_as_json_is_read_back_and_nothing_else() {
        let mut both = uses(1, 1, "a", 3);
        both.add(&uses(minutes(1), 9, "b", 4));
        let secrets = both.secrets_to_json();
        assert_eq!(
            Uses::secrets_from_json(&secrets),
            Some(both.secrets.clone())
        );
        let days = both.days_to_json();
        assert_eq!(days.to_string(), r#"{"1970-01-01":3,"1970-01-02":4}"#);
        assert_eq!(Uses::days_from_json(&days), Some(both.days));
        for broken in ["[]", r#"{"a":1}"#, r#"{"1970-01-01":"1"}"#] {
            let json = serde_json::from_str(broken).unwrap();
            assert_eq!(Uses::secrets_from_json(&json), None, "{broken}");
            assert_eq!(Uses::days_from_json(&json), None, "{broken}");
        }
    }

    fn minutes(days: i64) -> i64 {
        days * 24 * 60
    }
}

//! What an upgrade does to texts that an earlier version wrote: logins and names are compared in one
//! form (NFC), so the folded columns are folded again, once, by the first process of this version.
//!
//! Two logins that were different until then can be the same now. The older user keeps it; the younger
//! one's gets a number behind, so that both can go on signing in, and an event says so.

use std::collections::HashSet;

use serde_json::json;

use super::{Act, DomainError, users as acts};
use crate::model::ids::UserId;
use crate::model::password::TEMPORARY_TIME;
use crate::model::text::{FOLDING, fold};
use crate::model::user::{User, tidy_login};
use crate::store::{Database, folding, instance, users};

/// What is said of one.
pub const RENAMED: &str =
    "two users had one login, written in two ways: the younger has another now";

/// A user whose login was another user's as well.
#[derive(Clone, Debug)]
pub struct Renamed {
    pub id: UserId,
    pub from: String,
    pub to: String,
}

/// Folds again what was folded by other rules, and gives temporary passwords that have no end one.
/// Nothing is done where it was done before, and nothing before the first start.
pub fn fold_again(database: &Database, act: &Act) -> Result<Vec<Renamed>, DomainError> {
    let is_due = |version: Option<i64>| version.is_some_and(|version| version != FOLDING);
    if !is_due(database.read(instance::find_text_version)?) {
        return Ok(Vec::new());
    }
    database.write(|c| {
        if !is_due(instance::find_text_version(c)?) {
            return Ok(Vec::new());
        }
        let found = users::list_folded(c)?;
        let taken: HashSet<String> = found.iter().map(|(user, _)| fold(&user.login)).collect();
        let mut given: HashSet<String> = HashSet::new();
        let mut changed: Vec<(User, Option<String>)> = Vec::new();
        for (user, folded) in found {
            let mut after = user.clone();
            after.login = tidy_login(&user.login);
            let is_free = given.insert(fold(&after.login));
            if !is_free {
                let mut others = (2..).map(|n: u64| format!("{}-{n}", after.login));
                let free =
                    others.find(|login| !taken.contains(&fold(login)) && given.insert(fold(login)));
                after.login =
                    free.unwrap_or_else(|| unreachable!("there is always a further number"));
            }
            if after.login != user.login || fold(&after.login) != folded {
                let from = (!is_free).then_some(user.login);
                changed.push((after, from));
            }
        }
        // One may take what another has until then.
        for (user, _) in &changed {
            folding::release_login(c, user.id)?;
        }
        let mut renamed = Vec::new();
        for (user, from) in changed {
            users::update_login(c, &user)?;
            folding::update_connected_login(c, user.id, &user.login)?;
            if let Some(from) = from {
                let details = json!({"from": from, "to": user.login});
                acts::record(c, act, &user, "user.login_changed", details)?;
                renamed.push(Renamed {
                    id: user.id,
                    from,
                    to: user.login,
                });
            }
        }
        folding::fold_again(c)?;
        folding::end_temporary_passwords(c, act.now.plus_seconds(TEMPORARY_TIME))?;
        instance::update_text_version(c)?;
        Ok(renamed)
    })
}

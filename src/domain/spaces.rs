//! Spaces: made, listed, read; and their quotas, which hold whatever is made in them.

use serde_json::json;

use super::authority::Reach;
use super::lists::{check_search, check_whole};
use super::{Act, Authority, Counted, DomainError, Obstacle, Taken};
use crate::ambient::random_uuid;
use crate::model::ids::SpaceId;
use crate::model::page::{WHOLE_LIST, Window};
use crate::model::scope::{Scope, ScopeSet};
use crate::model::space::{LARGEST_QUOTA, Space, check_space_name, is_quota};
use crate::model::text::tidy;
use crate::store::spaces::Wanted;
use crate::store::{AnyConnection, StoreError, applications, spaces, users};

/// What a new space is to be.
#[derive(Clone, Default, Debug)]
pub struct NewSpace {
    pub name: String,
    pub applications_quota: Option<i64>,
    pub users_quota: Option<i64>,
    pub project_creation_allowed: bool,
}

/// A space, and how much is in it.
#[derive(Clone, Debug)]
pub struct SpaceDetails {
    pub space: Space,
    pub applications: i64,
    pub user_lists: i64,
}

/// Makes a space; its name is unique, in whatever case.
pub fn create(
    c: &mut AnyConnection,
    act: &Act,
    new: NewSpace,
) -> Result<SpaceDetails, DomainError> {
    let needed = ScopeSet::of(&[Scope::ApplicationsWrite]);
    act.authority.check_has(needed)?;
    let name = tidy(&new.name);
    check_space_name(&name).map_err(|e| DomainError::invalid("name", e))?;
    for (field, quota) in [
        ("applications-quota", new.applications_quota),
        ("users-quota", new.users_quota),
    ] {
        if !is_quota(quota) {
            let reason = format!("is null or 0 to {LARGEST_QUOTA}");
            return Err(DomainError::invalid(field, reason));
        }
    }
    if spaces::find_by_name(c, &name)?.is_some() {
        return Err(DomainError::AlreadyExists(Taken::SpaceName));
    }
    let space = Space {
        id: SpaceId::new(random_uuid()),
        owner: act.authority.user(),
        name,
        applications_quota: new.applications_quota,
        users_quota: new.users_quota,
        project_creation_allowed: new.project_creation_allowed,
        created_at: act.now,
    };
    spaces::create(c, &space)?;
    let details = json!({
        "name": space.name,
        "applications-quota": space.applications_quota,
        "users-quota": space.users_quota,
    });
    let object = ("space", space.id.to_string());
    act.record(c, &[], "space.created", object, details)?;
    Ok(SpaceDetails {
        space,
        applications: 0,
        user_lists: 0,
    })
}

/// One space. A member sees none.
pub fn find(
    c: &mut AnyConnection,
    authority: &Authority,
    id: SpaceId,
) -> Result<SpaceDetails, DomainError> {
    let found = match authority.reach {
        Reach::Everything => spaces::find(c, id)?,
        Reach::Own { .. } => None,
    };
    let found = details(c, Vec::from_iter(found))?.pop();
    found.ok_or(DomainError::NotFound("space"))
}

/// Part of the spaces, and how many there are: those with `search` in their name, or all. A member
/// sees none.
pub fn list(
    c: &mut AnyConnection,
    authority: &Authority,
    search: Option<String>,
    window: Window,
) -> Result<(Vec<SpaceDetails>, i64), DomainError> {
    check_search(search.as_deref())?;
    if authority.reach != Reach::Everything {
        return Ok((Vec::new(), 0));
    }
    let wanted = Wanted { search };
    if window == Window::Whole {
        check_whole(spaces::are_more_than(c, &wanted, WHOLE_LIST)?)?;
    }
    let found = spaces::list(c, &wanted, window)?;
    let total = match window {
        Window::Whole => i64::try_from(found.len()).unwrap_or(i64::MAX),
        Window::Page { .. } => spaces::count(c, &wanted)?,
    };
    Ok((details(c, found)?, total))
}

/// That one more application fits into the space with this id. An id that names none of our spaces
/// is another system's, and has no quota here.
pub(super) fn check_application_quota(
    c: &mut AnyConnection,
    id: Option<&str>,
) -> Result<(), DomainError> {
    let Some(space) = find_by_text(c, id)? else {
        return Ok(());
    };
    let Some(quota) = space.applications_quota else {
        return Ok(());
    };
    let there_are = applications::count_in_space(c, space.id)?;
    check_quota(there_are, quota, Counted::Applications)
}

/// That one more user fits into this space.
pub(super) fn check_users_quota(
    c: &mut AnyConnection,
    id: Option<SpaceId>,
) -> Result<(), DomainError> {
    let space = match id {
        Some(id) => spaces::find(c, id)?,
        None => None,
    };
    match space.map(|space| (space.id, space.users_quota)) {
        Some((id, Some(quota))) => {
            check_quota(users::count_in_space(c, id)?, quota, Counted::Users)
        }
        _ => Ok(()),
    }
}

fn find_by_text(c: &mut AnyConnection, id: Option<&str>) -> Result<Option<Space>, StoreError> {
    match id.and_then(SpaceId::parse) {
        Some(id) => spaces::find(c, id),
        None => Ok(None),
    }
}

fn check_quota(there_are: i64, quota: i64, of: Counted) -> Result<(), DomainError> {
    match there_are < quota {
        true => Ok(()),
        false => Err(DomainError::FailedPrecondition(Obstacle::Quota {
            of,
            quota,
        })),
    }
}

fn details(c: &mut AnyConnection, found: Vec<Space>) -> Result<Vec<SpaceDetails>, StoreError> {
    let ids: Vec<String> = found.iter().map(|space| space.id.to_string()).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let counted = spaces::count_within(c, &ids)?;
    let detailed = found.into_iter().zip(&ids).map(|(space, id)| {
        let (applications, user_lists) = counted.get(id).copied().unwrap_or_default();
        SpaceDetails {
            space,
            applications,
            user_lists,
        }
    });
    Ok(detailed.collect())
}

//! From a route's path to the paths that are called: what is the caller's, what is another's, what
//! does not exist, and what cannot be an id.

use super::world::Things;

/// What a part of a path names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Param {
    Application,
    List,
    User,
    Key,
    Service,
    /// A secret of a key.
    KeySecret,
    /// A secret of a service client.
    ServiceSecret,
    Space,
}

impl Param {
    /// Whether it is a UUID, so that another text cannot be one.
    fn is_uuid(self) -> bool {
        matches!(
            self,
            Param::Application | Param::List | Param::User | Param::Space
        )
    }
}

/// What a path asks for, seen from a member.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Wanted {
    Own,
    /// Everything that the path names is the other member's.
    Anothers,
    /// The part at this place is the other member's, the rest the member's.
    Crossed(usize),
    /// The part at this place names nothing.
    Missing(usize),
    /// The part at this place cannot be an id.
    Malformed(usize),
}

pub struct Target {
    pub wanted: Wanted,
    pub path: String,
}

const MISSING: &str = "1eeb5447-c5bb-6867-b776-199d8903fded";
pub const MALFORMED: &str = "1111";

/// What the parts in braces name, in their order.
pub fn params(path: &str) -> Vec<Param> {
    let parts: Vec<&str> = path.split('/').collect();
    let named = |at: usize| match (parts[at - 1], parts[at]) {
        ("applications", "{id}") => Param::Application,
        ("spaces", "{id}") => Param::Space,
        (_, "{list}") => Param::List,
        (_, "{user}") => Param::User,
        ("access-tokens", _) => Param::Key,
        ("clients", _) => Param::Service,
        ("secrets", _) if parts.contains(&"clients") => Param::ServiceSecret,
        ("secrets", _) => Param::KeySecret,
        (before, part) => panic!("what is {part} after {before} in {path}? Say so in Param"),
    };
    let is_param = |at: &usize| parts[*at].starts_with('{');
    (0..parts.len()).filter(is_param).map(named).collect()
}

/// The path with its parts filled in.
pub fn fill(path: &str, mut value: impl FnMut(usize, Param) -> String) -> String {
    let mut values = params(path).into_iter().enumerate();
    let part = |part: &str| match part.starts_with('{') {
        false => part.to_owned(),
        true => values.next().map(|(at, param)| value(at, param)).unwrap(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

/// Every path that is called for a route, with what it asks for: what is missing comes first.
pub fn targets(path: &str, own: &Things, anothers: &Things) -> Vec<Target> {
    let params = params(path);
    let mut wanted: Vec<Wanted> = Vec::new();
    wanted.extend((0..params.len()).map(Wanted::Missing));
    wanted.extend(
        (0..params.len())
            .filter(|at| params[*at].is_uuid())
            .map(Wanted::Malformed),
    );
    wanted.push(Wanted::Own);
    if !params.is_empty() {
        wanted.push(Wanted::Anothers);
    }
    // Elsewhere a path names two things that need not belong together.
    if params.len() > 1 && params[0] == Param::List {
        wanted.extend((0..params.len()).map(Wanted::Crossed));
    }
    let target = |wanted| Target {
        wanted,
        path: fill(path, |at, param| value(wanted, at, param, own, anothers)),
    };
    wanted.into_iter().map(target).collect()
}

fn value(wanted: Wanted, at: usize, param: Param, own: &Things, anothers: &Things) -> String {
    match wanted {
        Wanted::Anothers => anothers.id(param),
        Wanted::Crossed(place) if place == at => anothers.id(param),
        Wanted::Missing(place) if place == at => MISSING.to_owned(),
        Wanted::Malformed(place) if place == at => MALFORMED.to_owned(),
        _ => own.id(param),
    }
}

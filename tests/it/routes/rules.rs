//! Who may call which route, over what: the table that the authorization matrix holds the server to.
//! A new route needs a row here.

use mintmark::http::Route;
use mintmark::model::scope::{Scope, ScopeSet};

use super::API;
use super::bodies::{BEFORE, BODIES};

/// Routes without a Bearer token: whatever is sent as one, the answer has this status.
const PUBLIC: &str = "
GET   /console/sys/authorize                   400
POST  /console/sys/authorize                   400
GET   /.well-known/jwks.json                   200
GET   /.well-known/oauth-authorization-server  200
GET   /.well-known/openid-configuration        200
GET   /console/api/v1/status/                  200
GET   /docs                                    200
GET   /docs/page.css                           200
GET   /docs/start.js                           200
GET   /docs/swagger-ui-bundle.js               200
GET   /docs/swagger-ui.css                     200
GET   /healthz                                 200
GET   /openapi.yaml                            200
GET   /readyz                                  200
POST  /console/sys/token                       401
";

/// The resource API: the scope that a route takes (`-`: any valid token), what a member's token for
/// that scope reaches, what a service client's does, and the status of a success.
///
/// A member's token reaches what is the member's `own`, `nothing` (a list is empty, and whatever is
/// asked for does not exist), is `refused` as a member's, or `lacks` the scope, whatever the key was
/// given. An administrator's reaches `all`.
const SCOPED: &str = "
                                                                                 scope               member   service  success
GET     /me                                                                      -                   own      refused  200
GET     /applications                                                            applications:read   own      all      200
POST    /applications                                                            applications:write  lacks    all      200
GET     /applications/{id}                                                       applications:read   own      all      200
PATCH   /applications/{id}                                                       applications:write  lacks    all      200
DELETE  /applications/{id}                                                       applications:write  lacks    all      200
GET     /applications/{id}/status                                                applications:read   own      all      200
PUT     /applications/{id}/status/start                                          applications:write  lacks    all      200
PUT     /applications/{id}/status/stop                                           applications:write  lacks    all      200
PUT     /applications/{id}/status/suspend                                        applications:write  lacks    all      200
PUT     /applications/{id}/status/restore                                        applications:write  lacks    all      200
GET     /applications/{id}/userlists                                             applications:read   own      all      200
POST    /applications/{id}/userlists                                             applications:write  lacks    all      200
DELETE  /applications/{id}/userlists                                             applications:write  lacks    all      200
DELETE  /applications/{id}/userlists/{list}                                      applications:write  lacks    all      200
GET     /applications/{id}/users                                                 applications:read   own      all      200
POST    /applications/{id}/users                                                 applications:write  lacks    all      201
POST    /applications/{id}/users/check-can-connect-user                          applications:write  lacks    all      200
PUT     /applications/{id}/users/change-token-access                             applications:write  lacks    all      200
PUT     /applications/{id}/users/{list}/{user}                                   applications:write  lacks    all      200
DELETE  /applications/{id}/users/{list}/{user}                                   applications:write  lacks    all      204
GET     /user-lists                                                              users:read          own      all      200
POST    /user-lists                                                              users:write         lacks    all      201
GET     /user-lists/{list}                                                       users:read          own      all      200
DELETE  /user-lists/{list}                                                       users:write         lacks    all      204
GET     /user-lists/{list}/users                                                 users:read          own      all      200
POST    /user-lists/{list}/users                                                 users:write         lacks    all      201
GET     /user-lists/{list}/users/{user}                                          users:read          own      all      200
PUT     /user-lists/{list}/users/{user}                                          users:write         lacks    all      204
DELETE  /user-lists/{list}/users/{user}                                          users:write         lacks    all      204
POST    /user-lists/{list}/users/{user}/reset-password                           users:write         lacks    all      200
GET     /spaces                                                                  applications:read   nothing  all      200
POST    /spaces                                                                  applications:write  lacks    all      200
GET     /spaces/{id}                                                             applications:read   nothing  all      200
GET     /user-lists/{list}/users/{user}/access-tokens                            keys:read           own      all      200
POST    /user-lists/{list}/users/{user}/access-tokens                            keys:write          own      all      201
GET     /user-lists/{list}/users/{user}/access-tokens/{client}                   keys:read           own      all      200
PATCH   /user-lists/{list}/users/{user}/access-tokens/{client}                   keys:write          own      all      200
DELETE  /user-lists/{list}/users/{user}/access-tokens/{client}                   keys:write          own      all      204
POST    /user-lists/{list}/users/{user}/access-tokens/{client}/rotate            keys:write          own      all      200
POST    /user-lists/{list}/users/{user}/access-tokens/{client}/cut-off           keys:write          own      all      200
DELETE  /user-lists/{list}/users/{user}/access-tokens/{client}/secrets/{secret}  keys:write          own      all      204
GET     /clients                                                                 keys:read           nothing  all      200
POST    /clients                                                                 keys:write          refused  all      201
GET     /clients/{client}                                                        keys:read           nothing  all      200
PATCH   /clients/{client}                                                        keys:write          nothing  all      200
DELETE  /clients/{client}                                                        keys:write          nothing  all      204
POST    /clients/{client}/rotate                                                 keys:write          nothing  all      200
POST    /clients/{client}/cut-off                                                keys:write          nothing  all      200
DELETE  /clients/{client}/secrets/{secret}                                       keys:write          nothing  all      204
GET     /audit-events                                                            audit:read          lacks    all      200
";

/// Pages: who may use one, and the status of what is sent there with nothing but the form's token.
///
/// `anybody`; `unsettled`: whoever is signed in, even if they must change their password first;
/// `settled`: whoever is signed in and need not; `administrator`.
const PAGES: &str = "
GET   /                                                                  anybody        303
GET   /.well-known/change-password                                       anybody        303
GET   /console                                                           anybody        303
GET   /console/admin/applications                                        administrator  200
POST  /console/admin/applications                                        administrator  400
GET   /console/admin/applications/new                                    administrator  200
GET   /console/admin/applications/{id}                                   administrator  200
GET   /console/admin/applications/{id}/delete                            administrator  200
POST  /console/admin/applications/{id}/delete                            administrator  422
GET   /console/admin/applications/{id}/edit                              administrator  200
POST  /console/admin/applications/{id}/edit                              administrator  422
POST  /console/admin/applications/{id}/scopes                            administrator  422
POST  /console/admin/applications/{id}/scopes/remove                     administrator  303
POST  /console/admin/applications/{id}/status                            administrator  400
POST  /console/admin/applications/{id}/user-lists                        administrator  422
POST  /console/admin/applications/{id}/user-lists/disconnect             administrator  400
GET   /console/admin/applications/{id}/users                             administrator  200
POST  /console/admin/applications/{id}/users                             administrator  422
POST  /console/admin/applications/{id}/users/disconnect                  administrator  400
POST  /console/admin/applications/{id}/users/token-access                administrator  400
GET   /console/admin/audit                                               administrator  200
GET   /console/admin/audit.csv                                           administrator  200
GET   /console/admin/clients                                             administrator  200
POST  /console/admin/clients                                             administrator  400
GET   /console/admin/clients/new                                         administrator  200
GET   /console/admin/clients/{client_id}                                 administrator  200
POST  /console/admin/clients/{client_id}/cut-off                         administrator  303
GET   /console/admin/clients/{client_id}/delete                          administrator  200
POST  /console/admin/clients/{client_id}/delete                          administrator  422
POST  /console/admin/clients/{client_id}/disable                         administrator  303
GET   /console/admin/clients/{client_id}/edit                            administrator  200
POST  /console/admin/clients/{client_id}/edit                            administrator  422
POST  /console/admin/clients/{client_id}/enable                          administrator  303
GET   /console/admin/clients/{client_id}/rotate                          administrator  200
POST  /console/admin/clients/{client_id}/rotate                          administrator  400
POST  /console/admin/clients/{client_id}/secrets/{secret}/remove         administrator  303
GET   /console/admin/signing-keys                                        administrator  200
GET   /console/admin/user-lists                                          administrator  200
POST  /console/admin/user-lists                                          administrator  400
GET   /console/admin/user-lists/{id}                                     administrator  200
GET   /console/admin/user-lists/{id}/delete                              administrator  200
POST  /console/admin/user-lists/{id}/delete                              administrator  303
GET   /console/admin/users                                               administrator  200
POST  /console/admin/users                                               administrator  400
GET   /console/admin/users/new                                           administrator  200
GET   /console/admin/users/{id}                                          administrator  200
GET   /console/admin/users/{id}/delete                                   administrator  200
POST  /console/admin/users/{id}/delete                                   administrator  422
POST  /console/admin/users/{id}/disable                                  administrator  303
GET   /console/admin/users/{id}/edit                                     administrator  200
POST  /console/admin/users/{id}/edit                                     administrator  400
POST  /console/admin/users/{id}/enable                                   administrator  303
POST  /console/admin/users/{id}/password                                 administrator  400
POST  /console/admin/users/{id}/second-factor                            administrator  303
POST  /console/admin/users/{id}/sign-out                                 administrator  303
GET   /console/assets/icon.svg                                           anybody        200
GET   /console/assets/script.js                                          anybody        200
GET   /console/assets/style.css                                          anybody        200
POST  /console/language                                                  anybody        400
GET   /console/profile                                                   settled        200
GET   /console/profile/keys                                              settled        200
POST  /console/profile/keys                                              settled        400
GET   /console/profile/keys/new                                          settled        200
GET   /console/profile/keys/{client_id}                                  settled        200
POST  /console/profile/keys/{client_id}/cut-off                          settled        303
GET   /console/profile/keys/{client_id}/delete                           settled        200
POST  /console/profile/keys/{client_id}/delete                           settled        422
POST  /console/profile/keys/{client_id}/disable                          settled        303
GET   /console/profile/keys/{client_id}/edit                             settled        200
POST  /console/profile/keys/{client_id}/edit                             settled        422
POST  /console/profile/keys/{client_id}/enable                           settled        303
GET   /console/profile/keys/{client_id}/rotate                           settled        200
POST  /console/profile/keys/{client_id}/rotate                           settled        400
POST  /console/profile/keys/{client_id}/secrets/{secret}/remove          settled        303
GET   /console/profile/password                                          unsettled      200
POST  /console/profile/password                                          unsettled      422
GET   /console/profile/second-factor                                     settled        200
GET   /console/profile/second-factor/codes                               settled        200
POST  /console/profile/second-factor/codes                               settled        400
GET   /console/profile/second-factor/off                                 settled        200
POST  /console/profile/second-factor/off                                 settled        422
POST  /console/profile/second-factor/on                                  settled        409
GET   /console/profile/second-factor/set-up                              settled        200
POST  /console/profile/second-factor/set-up                              settled        422
GET   /console/profile/sessions                                          settled        200
POST  /console/profile/sessions/end                                      settled        303
POST  /console/profile/sessions/{id}/end                                 settled        303
GET   /console/sign-in                                                   anybody        200
POST  /console/sign-in                                                   anybody        422
GET   /console/sign-in/code                                              anybody        303
POST  /console/sign-in/code                                              anybody        303
POST  /console/sign-out                                                  unsettled      303
";

/// Where a token needs more than the route's scope: to make a member, and to become one, it needs what
/// members can do; of a service client all but `openid`, which it cannot have.
const MORE: &[(&str, &str, &str)] = &[
    (
        "POST",
        "/user-lists/{list}/users",
        "openid applications:read users:read keys:read keys:write",
    ),
    (
        "POST",
        "/user-lists/{list}/users/{user}/reset-password",
        "openid applications:read users:read keys:read keys:write",
    ),
];

/// Where a key of somebody else's is made or taken over, to whom an application is open: that takes
/// `applications:write`.
const OPENS: &[(&str, &str)] = &[
    ("POST", "/user-lists/{list}/users/{user}/access-tokens"),
    (
        "POST",
        "/user-lists/{list}/users/{user}/access-tokens/{client}/rotate",
    ),
];

/// What a token that has a route's scope reaches there.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reach {
    All,
    Own,
    Nothing,
    /// The act is not for such a caller.
    Refused,
    /// No such token can have the scope.
    Lacks,
}

/// A row of the tables above.
#[derive(Clone, Debug)]
pub struct Rule {
    pub method: &'static str,
    pub path: String,
    pub door: Door,
}

#[derive(Clone, Debug)]
pub enum Door {
    /// It answers this, whoever asks.
    Open(u16),
    Token(Needs),
    /// A page, and the status of a success.
    Page(Who, u16),
}

/// Who may use a page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Who {
    Anybody,
    Unsettled,
    Settled,
    Administrator,
}

#[derive(Clone, Debug)]
pub struct Needs {
    pub scope: Option<Scope>,
    /// What a token must be able to do besides.
    pub more: ScopeSet,
    /// Whether it opens the applications that are open to the user.
    pub opens: bool,
    pub member: Reach,
    pub service: Reach,
    pub success: u16,
    /// A good body, where the route takes one.
    pub body: Option<&'static str>,
    /// Method, path and body of a call that must come before.
    pub before: Option<(&'static str, String, &'static str)>,
}

/// The paths that answer several things.
const LISTS: [&str; 7] = [
    "/applications",
    "/user-lists",
    "/user-lists/{list}/users",
    "/user-lists/{list}/users/{user}/access-tokens",
    "/clients",
    "/spaces",
    "/audit-events",
];

impl Rule {
    /// Whether it answers several things, of which a caller sees some.
    pub fn is_list(&self) -> bool {
        let below = self.path.strip_prefix(API);
        self.method == "GET" && below.is_some_and(|path| LISTS.contains(&path))
    }
}

/// The row for a route.
///
/// # Errors
/// When there is none: somebody must decide who may call the route, and write it down.
pub fn rule_for(method: &str, path: &str) -> Result<Rule, String> {
    rules()
        .into_iter()
        .find(|rule| rule.method == method && rule.path == path)
        .ok_or_else(|| {
            format!("{method} {path} has no row in the tables of tests/it/routes/rules.rs")
        })
}

/// Every row.
pub fn rules() -> Vec<Rule> {
    let public = PUBLIC.lines().filter_map(public);
    let scoped = SCOPED.lines().skip(2).filter_map(scoped);
    let pages = PAGES.lines().filter_map(page);
    public.chain(scoped).chain(pages).collect()
}

/// The rows of the resource API that the route table has, each with its route.
pub fn api_rules(routes: &[Route]) -> Vec<(Rule, Needs)> {
    let rule = |route: &Route| rule_for(route.method.as_str(), route.path).unwrap();
    let rules = routes.iter().map(rule);
    let needs = |rule: Rule| match rule.door.clone() {
        Door::Open(_) | Door::Page(..) => None,
        Door::Token(needs) => Some((rule, needs)),
    };
    rules.filter_map(needs).collect()
}

fn public(line: &'static str) -> Option<Rule> {
    let [method, path, status] = words(line)?;
    Some(Rule {
        method,
        path: path.to_owned(),
        door: Door::Open(status.parse().unwrap()),
    })
}

fn page(line: &'static str) -> Option<Rule> {
    let [method, path, who, success] = words(line)?;
    let who = match who {
        "anybody" => Who::Anybody,
        "unsettled" => Who::Unsettled,
        "settled" => Who::Settled,
        "administrator" => Who::Administrator,
        _ => panic!("{who}"),
    };
    Some(Rule {
        method,
        path: path.to_owned(),
        door: Door::Page(who, success.parse().unwrap()),
    })
}

fn scoped(line: &'static str) -> Option<Rule> {
    let [method, path, scope, member, service, success] = words(line)?;
    let named = |row: &&(&str, &str, &'static str)| row.0 == method && row.1 == path;
    let before = BEFORE.iter().find(|row| row.0 == method && row.1 == path);
    let needs = Needs {
        scope: match scope {
            "-" => None,
            name => ScopeSet::parse(name).unwrap().iter().next(),
        },
        more: ScopeSet::parse(MORE.iter().find(named).map_or("", |row| row.2)).unwrap(),
        opens: OPENS.iter().any(|row| row.0 == method && row.1 == path),
        member: reach(member),
        service: reach(service),
        success: success.parse().unwrap(),
        body: BODIES.iter().find(named).map(|row| row.2),
        before: before.map(|row| {
            let (method, path, body) = row.2;
            (method, format!("{API}{path}"), body)
        }),
    };
    Some(Rule {
        method,
        path: format!("{API}{path}"),
        door: Door::Token(needs),
    })
}

/// The words of a line, as many as there must be; nothing for an empty line.
fn words<const N: usize>(line: &'static str) -> Option<[&'static str; N]> {
    let words: Vec<&str> = line.split_whitespace().collect();
    if words.is_empty() {
        return None;
    }
    Some(words.try_into().unwrap_or_else(|_| panic!("{line}")))
}

fn reach(word: &str) -> Reach {
    match word {
        "all" => Reach::All,
        "own" => Reach::Own,
        "nothing" => Reach::Nothing,
        "refused" => Reach::Refused,
        "lacks" => Reach::Lacks,
        _ => panic!("{word}"),
    }
}

//! The route table: every path and method, what it needs, and who answers. Nothing is mounted that
//! does not stand here.

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::{HttpRequest, HttpResponse, web};
use futures_util::future::LocalBoxFuture;

use super::api::{self, ApiCall, ApiError};
use super::dispatch::dispatch;
use super::pages::admin::{self, applications};
use super::pages::assets::{self, Asset};
use super::pages::clients::{keys, services};
use super::pages::{self, OpenHandler, PageHandler};
use super::{authorize, contract, docs, health, oauth};
use crate::model::scope::Scope;

/// What a Bearer token, or a session, must be able to do for a route.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Needs {
    /// No Bearer token: the route is public, or authenticates in a way of its own.
    Nothing,
    /// Any valid token.
    Token,
    /// A token with this scope.
    Scope(Scope),
    /// Somebody who is signed in, even if they must change their password first.
    AnySession,
    /// Somebody who is signed in.
    Session,
    /// An administrator who is signed in.
    Administrator,
}

/// Who answers a request.
#[derive(Clone, Copy)]
pub(super) enum Handler {
    Plain(fn(HttpRequest, Payload) -> LocalBoxFuture<'static, HttpResponse>),
    Api(fn(ApiCall) -> LocalBoxFuture<'static, Result<HttpResponse, ApiError>>),
    /// A page for anybody.
    Open(OpenHandler),
    /// A page for somebody who is signed in.
    Page(PageHandler),
    /// What pages are made with.
    Asset(&'static Asset),
}

/// One path and method.
pub struct Route {
    pub method: Method,
    pub path: &'static str,
    pub needs: Needs,
    pub(super) handler: Handler,
}

/// A row for a public route.
macro_rules! plain {
    ($method:ident, $path:literal, $handler:path) => {
        Route {
            method: Method::$method,
            path: $path,
            needs: Needs::Nothing,
            handler: Handler::Plain(|http, payload| Box::pin($handler(http, payload))),
        }
    };
}

/// A row for a route of the resource API.
macro_rules! api {
    ($method:ident, $path:literal, $needs:expr, $handler:path) => {
        Route {
            method: Method::$method,
            path: $path,
            needs: $needs,
            handler: Handler::Api(|call| Box::pin($handler(call))),
        }
    };
}

/// A row for a page that anybody may see.
macro_rules! open {
    ($method:ident, $path:literal, $handler:path) => {
        Route {
            method: Method::$method,
            path: $path,
            needs: Needs::Nothing,
            handler: Handler::Open(|visit| Box::pin($handler(visit))),
        }
    };
}

/// A row for a page of somebody who is signed in.
macro_rules! page {
    ($method:ident, $path:literal, $needs:expr, $handler:path) => {
        Route {
            method: Method::$method,
            path: $path,
            needs: $needs,
            handler: Handler::Page(|call| Box::pin($handler(call))),
        }
    };
}

/// A row for a file that pages are made with.
macro_rules! asset {
    ($path:literal, $asset:path) => {
        Route {
            method: Method::GET,
            path: $path,
            needs: Needs::Nothing,
            handler: Handler::Asset(&$asset),
        }
    };
}

const READ_APPLICATIONS: Needs = Needs::Scope(Scope::ApplicationsRead);
const WRITE_APPLICATIONS: Needs = Needs::Scope(Scope::ApplicationsWrite);
const READ_KEYS: Needs = Needs::Scope(Scope::KeysRead);
const WRITE_KEYS: Needs = Needs::Scope(Scope::KeysWrite);
const READ_USERS: Needs = Needs::Scope(Scope::UsersRead);
const WRITE_USERS: Needs = Needs::Scope(Scope::UsersWrite);

/// Every route. `HEAD` is answered wherever `GET` is.
#[rustfmt::skip]
pub static ROUTES: &[Route] = &[
    plain!(POST, "/console/sys/token", oauth::token::token),
    plain!(GET, "/console/sys/authorize", authorize::authorize),
    plain!(POST, "/console/sys/authorize", authorize::authorize),
    plain!(GET, "/.well-known/jwks.json", oauth::jwks::jwks),
    plain!(GET, "/.well-known/oauth-authorization-server", oauth::metadata::authorization_server),
    plain!(GET, "/.well-known/openid-configuration", oauth::metadata::openid_configuration),
    api!(GET, "/console/api/v2/me", Needs::Token, api::me::find),
    api!(GET, "/console/api/v2/applications", READ_APPLICATIONS, api::applications::list),
    api!(POST, "/console/api/v2/applications", WRITE_APPLICATIONS, api::applications::create),
    api!(GET, "/console/api/v2/applications/{id}", READ_APPLICATIONS, api::applications::find),
    api!(PATCH, "/console/api/v2/applications/{id}", WRITE_APPLICATIONS, api::application_changes::update),
    api!(DELETE, "/console/api/v2/applications/{id}", WRITE_APPLICATIONS, api::applications::delete),
    api!(GET, "/console/api/v2/applications/{id}/status", READ_APPLICATIONS, api::application_changes::find_status),
    api!(PUT, "/console/api/v2/applications/{id}/status/start", WRITE_APPLICATIONS, api::application_changes::start),
    api!(PUT, "/console/api/v2/applications/{id}/status/stop", WRITE_APPLICATIONS, api::application_changes::stop),
    api!(PUT, "/console/api/v2/applications/{id}/status/suspend", WRITE_APPLICATIONS, api::application_changes::suspend),
    api!(PUT, "/console/api/v2/applications/{id}/status/restore", WRITE_APPLICATIONS, api::application_changes::restore),
    api!(GET, "/console/api/v2/applications/{id}/userlists", READ_APPLICATIONS, api::application_user_lists::list),
    api!(POST, "/console/api/v2/applications/{id}/userlists", WRITE_APPLICATIONS, api::application_user_lists::connect),
    api!(DELETE, "/console/api/v2/applications/{id}/userlists", WRITE_APPLICATIONS, api::application_user_lists::disconnect),
    api!(DELETE, "/console/api/v2/applications/{id}/userlists/{list}", WRITE_APPLICATIONS, api::application_user_lists::disconnect_one),
    api!(GET, "/console/api/v2/applications/{id}/users", READ_APPLICATIONS, api::application_users::list),
    api!(POST, "/console/api/v2/applications/{id}/users", WRITE_APPLICATIONS, api::application_users::connect),
    api!(POST, "/console/api/v2/applications/{id}/users/check-can-connect-user", WRITE_APPLICATIONS, api::application_users::can_connect),
    api!(PUT, "/console/api/v2/applications/{id}/users/change-token-access", WRITE_APPLICATIONS, api::application_users::change_token_access),
    api!(PUT, "/console/api/v2/applications/{id}/users/{list}/{user}", WRITE_APPLICATIONS, api::application_users::update),
    api!(DELETE, "/console/api/v2/applications/{id}/users/{list}/{user}", WRITE_APPLICATIONS, api::application_users::disconnect),
    api!(GET, "/console/api/v2/user-lists", READ_USERS, api::user_lists::list),
    api!(POST, "/console/api/v2/user-lists", WRITE_USERS, api::user_lists::create),
    api!(GET, "/console/api/v2/user-lists/{list}", READ_USERS, api::user_lists::find),
    api!(DELETE, "/console/api/v2/user-lists/{list}", WRITE_USERS, api::user_lists::delete),
    api!(GET, "/console/api/v2/user-lists/{list}/users", READ_USERS, api::users::list),
    api!(POST, "/console/api/v2/user-lists/{list}/users", WRITE_USERS, api::users::create),
    api!(GET, "/console/api/v2/user-lists/{list}/users/{user}", READ_USERS, api::users::find),
    api!(PUT, "/console/api/v2/user-lists/{list}/users/{user}", WRITE_USERS, api::users::update),
    api!(DELETE, "/console/api/v2/user-lists/{list}/users/{user}", WRITE_USERS, api::users::delete),
    api!(POST, "/console/api/v2/user-lists/{list}/users/{user}/reset-password", WRITE_USERS, api::users::reset_password),
    api!(GET, "/console/api/v2/spaces", READ_APPLICATIONS, api::spaces::list),
    api!(POST, "/console/api/v2/spaces", WRITE_APPLICATIONS, api::spaces::create),
    api!(GET, "/console/api/v2/spaces/{id}", READ_APPLICATIONS, api::spaces::find),
    api!(GET, "/console/api/v2/user-lists/{list}/users/{user}/access-tokens", READ_KEYS, api::access_tokens::list),
    api!(POST, "/console/api/v2/user-lists/{list}/users/{user}/access-tokens", WRITE_KEYS, api::access_tokens::create),
    api!(GET, "/console/api/v2/user-lists/{list}/users/{user}/access-tokens/{client}", READ_KEYS, api::access_tokens::find),
    api!(PATCH, "/console/api/v2/user-lists/{list}/users/{user}/access-tokens/{client}", WRITE_KEYS, api::access_tokens::update),
    api!(DELETE, "/console/api/v2/user-lists/{list}/users/{user}/access-tokens/{client}", WRITE_KEYS, api::access_tokens::delete),
    api!(POST, "/console/api/v2/user-lists/{list}/users/{user}/access-tokens/{client}/rotate", WRITE_KEYS, api::access_tokens::rotate),
    api!(POST, "/console/api/v2/user-lists/{list}/users/{user}/access-tokens/{client}/cut-off", WRITE_KEYS, api::access_tokens::cut_off),
    api!(DELETE, "/console/api/v2/user-lists/{list}/users/{user}/access-tokens/{client}/secrets/{secret}", WRITE_KEYS, api::access_tokens::remove_secret),
    api!(GET, "/console/api/v2/clients", READ_KEYS, api::clients::list),
    api!(POST, "/console/api/v2/clients", WRITE_KEYS, api::clients::create),
    api!(GET, "/console/api/v2/clients/{client}", READ_KEYS, api::clients::find),
    api!(PATCH, "/console/api/v2/clients/{client}", WRITE_KEYS, api::clients::update),
    api!(DELETE, "/console/api/v2/clients/{client}", WRITE_KEYS, api::clients::delete),
    api!(POST, "/console/api/v2/clients/{client}/rotate", WRITE_KEYS, api::clients::rotate),
    api!(POST, "/console/api/v2/clients/{client}/cut-off", WRITE_KEYS, api::clients::cut_off),
    api!(DELETE, "/console/api/v2/clients/{client}/secrets/{secret}", WRITE_KEYS, api::clients::remove_secret),
    api!(GET, "/console/api/v2/audit-events", Needs::Scope(Scope::AuditRead), api::audit_events::list),
    plain!(GET, "/console/api/v1/status/", health::status),
    plain!(GET, "/healthz", health::healthz),
    plain!(GET, "/readyz", health::readyz),
    plain!(GET, "/openapi.yaml", contract::document),
    plain!(GET, "/docs", docs::page),
    plain!(GET, "/docs/start.js", docs::start),
    plain!(GET, "/docs/page.css", docs::style),
    plain!(GET, "/docs/swagger-ui.css", docs::swagger_style),
    plain!(GET, "/docs/swagger-ui-bundle.js", docs::swagger_script),
    open!(GET, "/", pages::profile::console),
    open!(GET, "/.well-known/change-password", pages::password::well_known),
    open!(GET, "/console", pages::profile::start),
    open!(GET, "/console/sign-in", pages::sign_in::show),
    open!(POST, "/console/sign-in", pages::sign_in::sign_in),
    open!(GET, "/console/sign-in/code", pages::code::show),
    open!(POST, "/console/sign-in/code", pages::code::sign_in),
    page!(POST, "/console/sign-out", Needs::AnySession, pages::sign_in::sign_out),
    open!(POST, "/console/language", pages::language::choose),
    page!(GET, "/console/profile", Needs::Session, pages::profile::profile),
    page!(GET, "/console/profile/password", Needs::AnySession, pages::password::show),
    page!(POST, "/console/profile/password", Needs::AnySession, pages::password::change),
    page!(GET, "/console/profile/second-factor", Needs::Session, pages::second_factor::show),
    page!(GET, "/console/profile/second-factor/set-up", Needs::Session, pages::second_factor::ask_set_up),
    page!(POST, "/console/profile/second-factor/set-up", Needs::Session, pages::second_factor::set_up),
    page!(POST, "/console/profile/second-factor/on", Needs::Session, pages::second_factor::turn_on),
    page!(GET, "/console/profile/second-factor/off", Needs::Session, pages::second_factor::ask_turn_off),
    page!(POST, "/console/profile/second-factor/off", Needs::Session, pages::second_factor::turn_off),
    page!(GET, "/console/profile/second-factor/codes", Needs::Session, pages::second_factor::ask_renew_codes),
    page!(POST, "/console/profile/second-factor/codes", Needs::Session, pages::second_factor::renew_codes),
    page!(GET, "/console/profile/sessions", Needs::Session, pages::sessions::list),
    page!(POST, "/console/profile/sessions/end", Needs::Session, pages::sessions::end_all),
    page!(POST, "/console/profile/sessions/{id}/end", Needs::Session, pages::sessions::end),
    page!(GET, "/console/profile/keys", Needs::Session, keys::list),
    page!(POST, "/console/profile/keys", Needs::Session, keys::create),
    page!(GET, "/console/profile/keys/new", Needs::Session, keys::form),
    page!(GET, "/console/profile/keys/{client_id}", Needs::Session, keys::show),
    page!(GET, "/console/profile/keys/{client_id}/edit", Needs::Session, keys::edit_form),
    page!(POST, "/console/profile/keys/{client_id}/edit", Needs::Session, keys::edit),
    page!(GET, "/console/profile/keys/{client_id}/rotate", Needs::Session, keys::rotate_form),
    page!(POST, "/console/profile/keys/{client_id}/rotate", Needs::Session, keys::rotate),
    page!(POST, "/console/profile/keys/{client_id}/secrets/{secret}/remove", Needs::Session, keys::remove_secret),
    page!(POST, "/console/profile/keys/{client_id}/disable", Needs::Session, keys::disable),
    page!(POST, "/console/profile/keys/{client_id}/enable", Needs::Session, keys::enable),
    page!(POST, "/console/profile/keys/{client_id}/cut-off", Needs::Session, keys::cut_off),
    page!(GET, "/console/profile/keys/{client_id}/delete", Needs::Session, keys::delete_form),
    page!(POST, "/console/profile/keys/{client_id}/delete", Needs::Session, keys::delete),
    page!(GET, "/console/admin/clients", Needs::Administrator, services::list),
    page!(POST, "/console/admin/clients", Needs::Administrator, services::create),
    page!(GET, "/console/admin/clients/new", Needs::Administrator, services::form),
    page!(GET, "/console/admin/clients/{client_id}", Needs::Administrator, services::show),
    page!(GET, "/console/admin/clients/{client_id}/edit", Needs::Administrator, services::edit_form),
    page!(POST, "/console/admin/clients/{client_id}/edit", Needs::Administrator, services::edit),
    page!(GET, "/console/admin/clients/{client_id}/rotate", Needs::Administrator, services::rotate_form),
    page!(POST, "/console/admin/clients/{client_id}/rotate", Needs::Administrator, services::rotate),
    page!(POST, "/console/admin/clients/{client_id}/secrets/{secret}/remove", Needs::Administrator, services::remove_secret),
    page!(POST, "/console/admin/clients/{client_id}/disable", Needs::Administrator, services::disable),
    page!(POST, "/console/admin/clients/{client_id}/enable", Needs::Administrator, services::enable),
    page!(POST, "/console/admin/clients/{client_id}/cut-off", Needs::Administrator, services::cut_off),
    page!(GET, "/console/admin/clients/{client_id}/delete", Needs::Administrator, services::delete_form),
    page!(POST, "/console/admin/clients/{client_id}/delete", Needs::Administrator, services::delete),
    page!(GET, "/console/admin/users", Needs::Administrator, admin::users::list),
    page!(POST, "/console/admin/users", Needs::Administrator, admin::user_form::create),
    page!(GET, "/console/admin/users/new", Needs::Administrator, admin::user_form::form),
    page!(GET, "/console/admin/users/{id}", Needs::Administrator, admin::user::show),
    page!(GET, "/console/admin/users/{id}/edit", Needs::Administrator, admin::user_form::edit_form),
    page!(POST, "/console/admin/users/{id}/edit", Needs::Administrator, admin::user_form::edit),
    page!(POST, "/console/admin/users/{id}/disable", Needs::Administrator, admin::user_acts::disable),
    page!(POST, "/console/admin/users/{id}/enable", Needs::Administrator, admin::user_acts::enable),
    page!(POST, "/console/admin/users/{id}/password", Needs::Administrator, admin::user_acts::password),
    page!(POST, "/console/admin/users/{id}/second-factor", Needs::Administrator, admin::user_acts::second_factor),
    page!(POST, "/console/admin/users/{id}/sign-out", Needs::Administrator, admin::user_acts::sign_out),
    page!(GET, "/console/admin/users/{id}/delete", Needs::Administrator, admin::user_acts::delete_form),
    page!(POST, "/console/admin/users/{id}/delete", Needs::Administrator, admin::user_acts::delete),
    page!(GET, "/console/admin/user-lists", Needs::Administrator, admin::user_lists::list),
    page!(POST, "/console/admin/user-lists", Needs::Administrator, admin::user_lists::create),
    page!(GET, "/console/admin/user-lists/{id}", Needs::Administrator, admin::user_list::show),
    page!(GET, "/console/admin/user-lists/{id}/delete", Needs::Administrator, admin::user_lists::delete_form),
    page!(POST, "/console/admin/user-lists/{id}/delete", Needs::Administrator, admin::user_lists::delete),
    page!(GET, "/console/admin/signing-keys", Needs::Administrator, admin::signing_keys::list),
    page!(GET, "/console/admin/applications", Needs::Administrator, applications::list::list),
    page!(POST, "/console/admin/applications", Needs::Administrator, applications::create::create),
    page!(GET, "/console/admin/applications/new", Needs::Administrator, applications::create::form),
    page!(GET, "/console/admin/applications/{id}", Needs::Administrator, applications::show::show),
    page!(GET, "/console/admin/applications/{id}/edit", Needs::Administrator, applications::change::form),
    page!(POST, "/console/admin/applications/{id}/edit", Needs::Administrator, applications::change::change),
    page!(POST, "/console/admin/applications/{id}/status", Needs::Administrator, applications::change::set_status),
    page!(POST, "/console/admin/applications/{id}/scopes", Needs::Administrator, applications::scopes::add),
    page!(POST, "/console/admin/applications/{id}/scopes/remove", Needs::Administrator, applications::scopes::remove),
    page!(POST, "/console/admin/applications/{id}/user-lists", Needs::Administrator, applications::connect::connect),
    page!(POST, "/console/admin/applications/{id}/user-lists/disconnect", Needs::Administrator, applications::connect::disconnect),
    page!(GET, "/console/admin/applications/{id}/users", Needs::Administrator, applications::users::list),
    page!(POST, "/console/admin/applications/{id}/users", Needs::Administrator, applications::users::connect),
    page!(POST, "/console/admin/applications/{id}/users/token-access", Needs::Administrator, applications::users::token_access),
    page!(POST, "/console/admin/applications/{id}/users/disconnect", Needs::Administrator, applications::users::disconnect),
    page!(GET, "/console/admin/applications/{id}/delete", Needs::Administrator, applications::end::ask),
    page!(POST, "/console/admin/applications/{id}/delete", Needs::Administrator, applications::end::delete),
    page!(GET, "/console/admin/audit", Needs::Administrator, admin::audit::list),
    page!(GET, "/console/admin/audit.csv", Needs::Administrator, admin::audit::export),
    asset!("/console/assets/style.css", assets::STYLE),
    asset!("/console/assets/script.js", assets::SCRIPT),
    asset!("/console/assets/icon.svg", assets::ICON),
];

impl Route {
    /// Whether it is for people: not in the contract, which is the API's.
    pub fn is_page(&self) -> bool {
        match self.handler {
            Handler::Plain(_) | Handler::Api(_) => false,
            Handler::Open(_) | Handler::Page(_) | Handler::Asset(_) => true,
        }
    }
}

/// Mounts the whole table, and answers for every other path and method.
pub fn mount(config: &mut web::ServiceConfig) {
    let mut mounted: Vec<&str> = Vec::new();
    for route in ROUTES {
        if mounted.contains(&route.path) {
            continue;
        }
        mounted.push(route.path);
        let mut resource = web::resource(route.path);
        for same in ROUTES.iter().filter(|r| r.path == route.path) {
            for method in methods(same) {
                resource =
                    resource.route(web::method(method).to(move |http, payload: web::Payload| {
                        dispatch(Some(same), http, payload.into_inner())
                    }));
            }
        }
        config.service(resource.default_service(web::to(no_route)));
    }
    config.default_service(web::to(no_route));
}

/// The methods that a row answers.
fn methods(route: &Route) -> Vec<Method> {
    match route.method == Method::GET {
        true => vec![Method::GET, Method::HEAD],
        false => vec![route.method.clone()],
    }
}

async fn no_route(http: HttpRequest, payload: web::Payload) -> HttpResponse {
    dispatch(None, http, payload.into_inner()).await
}

/// The `Allow` of a path that the table has, given as its pattern.
pub(super) fn allow(pattern: &str) -> Option<String> {
    let allowed: Vec<String> = ROUTES
        .iter()
        .filter(|route| route.path == pattern)
        .flat_map(methods)
        .map(|method| method.to_string())
        .collect();
    (!allowed.is_empty()).then(|| allowed.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::application_uri::is_reserved;

    #[test]
    fn no_application_is_called_by_an_address_that_is_answered_here() {
        for route in ROUTES {
            assert!(is_reserved(route.path), "{}", route.path);
        }
    }
}

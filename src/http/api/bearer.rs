//! Who calls: the Bearer token of a request (RFC 6750 section 2.1), checked in place.

use std::net::IpAddr;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, web};

use super::{ApiError, BODY_LIMIT, BODY_TIME};
use crate::app::App;
use crate::domain::AnyConnection;
use crate::domain::authenticate::Authenticated;
use crate::domain::bearer::{Caller, Checked, Checking};
use crate::domain::refusals::Refused;
use crate::http::authorization::after_scheme;
use crate::http::bodies::Sender;
use crate::http::form::decode;
use crate::http::log::LogLine;
use crate::http::routes::Needs;
use crate::http::{awake, body, hop_briefly};
use crate::model::ids::ClientId;
use crate::model::secret::Secret;
use crate::model::timestamp::Timestamp;

/// The caller, if the request carries a token that is good enough for `needs`.
pub async fn caller(
    app: &web::Data<App>,
    http: &HttpRequest,
    needs: Needs,
    now: Timestamp,
) -> Result<Caller, ApiError> {
    let caller = check(app, http, now).await?;
    let peer = LogLine::of(http).peer();
    let allowed = check_scope(&caller, needs);
    let used = match needs {
        Needs::Scope(scope) if allowed.is_ok() => Some(scope),
        _ => None,
    };
    // A call without the scope is a use all the same: a program out there has the token.
    app.uses.called(&caller.authenticated, used, peer, now);
    allowed.map(|()| caller)
}

/// A caller who is looked at once more inside the transaction that they asked for.
pub struct Again {
    token: Secret,
    client_id: ClientId,
    peer: IpAddr,
    needs: Needs,
}

impl Again {
    pub fn of(http: &HttpRequest, caller: &Caller, needs: Needs) -> Result<Self, ApiError> {
        Ok(Self {
            token: Secret::new(token(http)?.to_owned()),
            client_id: caller.authenticated.client.client.id.clone(),
            peer: LogLine::of(http).peer(),
            needs,
        })
    }

    /// The same caller as they are there: whoever lost a right since the request began, while its body
    /// arrived or it waited for its turn, does not exercise it.
    pub fn find(&self, app: &App, c: &mut AnyConnection) -> Result<Caller, ApiError> {
        let checking = checking(app, self.peer, app.clock.now());
        let checked = checking.check_inside(c, self.token.expose(), &self.client_id)?;
        let caller = valid(checked)?;
        check_scope(&caller, self.needs)?;
        Ok(caller)
    }
}

fn check_scope(caller: &Caller, needs: Needs) -> Result<(), ApiError> {
    match needs {
        Needs::Scope(scope) if !caller.scope.contains(scope) => {
            let id = caller.authenticated.client.client.id.clone();
            Err(ApiError::insufficient_scope(scope).of(Refused::Forbidden(id)))
        }
        _ => Ok(()),
    }
}

/// The caller, whatever they may do.
async fn check(
    app: &web::Data<App>,
    http: &HttpRequest,
    now: Timestamp,
) -> Result<Caller, ApiError> {
    let token = token(http)?;
    loop {
        awake(app).await.map_err(ApiError::unavailable)?;
        let checked = check_once(app, http, token, now).await;
        // What was decided just before the process was suspended is decided again.
        if !app.directory.may_have_slept() {
            return checked;
        }
    }
}

async fn check_once(
    app: &web::Data<App>,
    http: &HttpRequest,
    token: &str,
    now: Timestamp,
) -> Result<Caller, ApiError> {
    let peer = LogLine::of(http).peer();
    let mut checking = checking(app, peer, now);
    let mut checked = checking.check(token);
    if let Checked::MustRead(client_id) = checked {
        let read = hop_briefly(app, move |app| app.directory.read_client(&client_id)).await;
        let read = read.map_err(ApiError::unavailable)?;
        checking.read = Some(read.map(|(client, owner)| Authenticated {
            client,
            owner,
            secret: None,
        }));
        checked = checking.check(token);
    }
    valid(checked)
}

fn checking(app: &App, peer: IpAddr, now: Timestamp) -> Checking<'_> {
    Checking {
        directory: &app.directory,
        public_url: &app.public_url,
        accept_id_tokens: app.settings.accept_id_tokens,
        read: None,
        peer,
        now,
    }
}

fn valid(checked: Checked) -> Result<Caller, ApiError> {
    match checked {
        Checked::Valid(caller) => Ok(*caller),
        Checked::Invalid(why) => Err(ApiError::invalid_token(why)),
        Checked::Refused(id, why) => Err(ApiError::invalid_token(why).of(Refused::Call(id))),
        Checked::MustRead(_) | Checked::Unavailable => {
            Err(ApiError::unavailable("the directory is lost"))
        }
    }
}

/// The token in the Authorization header; it is read nowhere else.
fn token(http: &HttpRequest) -> Result<&str, ApiError> {
    let mut headers = http.headers().get_all(AUTHORIZATION);
    let header = headers.next();
    if headers.next().is_some() || has_token_in_query(http) && header.is_some() {
        return Err(ApiError::two_tokens());
    }
    let header = header.ok_or_else(ApiError::no_token)?.as_bytes();
    // Another scheme is no token: the challenge says which one is taken.
    let token = after_scheme(header, "Bearer").ok_or_else(ApiError::no_token)?;
    std::str::from_utf8(token).map_err(ApiError::invalid_token)
}

fn has_token_in_query(http: &HttpRequest) -> bool {
    has_token(http.query_string().as_bytes())
}

/// Whether a form in the body holds a token too (RFC 6750 section 2.2). No route here takes a form,
/// so nothing but this is read from one, and what the route says of it stands.
pub async fn has_token_in_form(http: &HttpRequest, payload: &mut Payload, caller: &Caller) -> bool {
    let form = "application/x-www-form-urlencoded";
    if !body::is_of(http, form) {
        return false;
    }
    let payload = std::mem::replace(payload, Payload::None);
    let read = body::read(http, payload, sender(caller), form, BODY_LIMIT, BODY_TIME).await;
    read.is_ok_and(|form| has_token(&form))
}

/// Whose places the call takes: those of a person, however many keys they have, or of a service client.
pub fn name(caller: &Caller) -> String {
    let authenticated = &caller.authenticated;
    match &authenticated.owner {
        Some(owner) => owner.user.login.clone(),
        None => authenticated.client.client.id.to_string(),
    }
}

pub fn sender(caller: &Caller) -> Sender {
    Sender::Known(name(caller))
}

fn has_token(form: &[u8]) -> bool {
    let mut pairs = form.split(|byte| *byte == b'&');
    pairs.any(|pair| {
        let name = pair.split(|byte| *byte == b'=').next();
        name.and_then(decode).as_deref() == Some("access_token")
    })
}

//! Who calls: the Bearer token of a request (RFC 6750 section 2.1), checked in place.

use actix_web::http::header::AUTHORIZATION;
use actix_web::{HttpRequest, web};

use super::ApiError;
use crate::app::App;
use crate::domain::authenticate::read;
use crate::domain::bearer::{Caller, Checked, Checking};
use crate::http::hop;
use crate::http::log::LogLine;
use crate::http::routes::Needs;
use crate::model::timestamp::Timestamp;

/// The caller, if the request carries a token that is good enough for `needs`.
pub async fn caller(
    app: &web::Data<App>,
    http: &HttpRequest,
    needs: Needs,
    now: Timestamp,
) -> Result<Caller, ApiError> {
    let token = token(http)?;
    let checking = Checking {
        directory: &app.directory,
        public_url: &app.public_url,
        accept_id_tokens: app.settings.accept_id_tokens,
        peer: LogLine::of(http).peer(),
        now,
    };
    let mut checked = checking.check(token);
    if let Checked::MustRead(client_id) = checked {
        let read = hop(app, move |app| read(&app.directory, &client_id)).await;
        checked = checking.check_read(token, read.map_err(ApiError::unavailable)?);
    }
    let caller = match checked {
        Checked::Valid(caller) => *caller,
        Checked::Invalid(why) => return Err(ApiError::invalid_token(why)),
        Checked::MustRead(_) | Checked::Unavailable => {
            return Err(ApiError::unavailable("the directory is lost"));
        }
    };
    match needs {
        Needs::Scope(scope) if !caller.scope.contains(scope) => {
            Err(ApiError::insufficient_scope(scope))
        }
        _ => Ok(caller),
    }
}

/// The token in the Authorization header; it is read nowhere else.
fn token(http: &HttpRequest) -> Result<&str, ApiError> {
    let mut headers = http.headers().get_all(AUTHORIZATION);
    let header = headers.next();
    if headers.next().is_some() || has_token_in_query(http) && header.is_some() {
        return Err(ApiError::two_tokens());
    }
    let header = header.ok_or_else(ApiError::no_token)?;
    let header = header.to_str().map_err(|_| ApiError::no_token())?;
    let (scheme, token) = header.split_at_checked(7).ok_or_else(ApiError::no_token)?;
    match scheme.eq_ignore_ascii_case("bearer ") {
        true => Ok(token),
        // Another scheme is no token: the challenge says which one is taken.
        false => Err(ApiError::no_token()),
    }
}

fn has_token_in_query(http: &HttpRequest) -> bool {
    let mut parts = http.query_string().split('&');
    parts.any(|part| part.split('=').next() == Some("access_token"))
}

//! `POST /console/sys/token`: the client credentials grant (RFC 6749 section 4.4).
//!
//! A token is issued from memory, in place: no database, no other thread. Only what is about to be
//! refused, or is not in memory, takes the way over the database.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, PRAGMA};
use actix_web::{HttpRequest, HttpResponse, web};

use super::{OAuthError, credentials, query};
use crate::app::App;
use crate::directory::Freshness;
use crate::domain::authenticate::{Authenticated, Outcome, Presented, Refusal};
use crate::domain::refusals::Refused;
use crate::domain::token::{Issued, Issuing, NotIssued, TokenRequest, audience};
use crate::http::bodies::Sender;
use crate::http::dispatch::app;
use crate::http::form::Form;
use crate::http::log::LogLine;
use crate::http::{awake, body, hop_briefly};
use crate::model::ids::ClientId;
use crate::model::timestamp::Timestamp;

/// How large a request's body may be, in bytes.
const BODY_LIMIT: usize = 4096;
/// How long it may take to arrive; less than the deadline of the whole request, so that a slow
/// body is told from a slow server.
const BODY_TIME: Duration = Duration::from_millis(4500);

pub async fn token(http: HttpRequest, payload: Payload) -> HttpResponse {
    match grant(&http, payload).await {
        Ok(issued) => success(&issued),
        Err(error) => error.into_response(),
    }
}

async fn grant(http: &HttpRequest, payload: Payload) -> Result<Issued, OAuthError> {
    let media_type = "application/x-www-form-urlencoded";
    // Whoever sends it is not known before it is read.
    let sender = Sender::stranger(LogLine::of(http).peer());
    let body = body::read(http, payload, sender, media_type, BODY_LIMIT, BODY_TIME).await?;
    query::check(http.query_string())?;
    let malformed = OAuthError::InvalidRequest("The body is not a well-formed form.");
    let form = Form::parse(&body).map_err(|_| malformed)?;
    if form.has_repeated_besides(&["resource", "audience"]) {
        let why = "A parameter must not be repeated.";
        return Err(OAuthError::InvalidRequest(why));
    }
    let line = LogLine::of(http);
    let app = app(http);
    loop {
        awake(&app).await.map_err(|e| {
            line.cause(e);
            OAuthError::Unavailable
        })?;
        let granted = decide(&app, http, &form, &line).await;
        // What was decided just before the process was suspended is decided again.
        if !app.directory.may_have_slept() {
            let (client, issued, now) = granted?;
            app.uses
                .issued(&client, issued.id_token.is_some(), line.peer(), now);
            return Ok(issued);
        }
    }
}

async fn decide(
    app: &web::Data<App>,
    http: &HttpRequest,
    form: &Form,
    line: &LogLine,
) -> Result<(Authenticated, Issued, Timestamp), OAuthError> {
    let now = app.clock.now();
    let headers = http.headers();
    let presented = credentials::read(headers, form, line.peer()).map_err(|error| {
        line.cause("no credentials that can be read");
        match error {
            // While the database is away nobody is told so.
            OAuthError::InvalidClient if is_away(app) => OAuthError::Unavailable,
            error => error,
        }
    })?;
    let refused = credentials::refusal(headers);
    let client = authenticate(app, presented, refused, now, line).await?;
    line.client(client.client.client.id.as_str());
    let request = read_request(form)?;
    let issued = issue(app, &client, request, now, line).await?;
    Ok((client, issued, now))
}

/// Whether it is known that nobody can be refused now.
fn is_away(app: &App) -> bool {
    app.directory.is_away() || app.directory.freshness() != Freshness::Fresh
}

/// What the client asks for, once it is known who asks.
fn read_request(form: &Form) -> Result<TokenRequest, OAuthError> {
    match form.value("grant_type") {
        // Existing console clients send it in capitals.
        Some("client_credentials" | "CLIENT_CREDENTIALS") => {}
        Some(_) => return Err(OAuthError::UnsupportedGrantType),
        None => return Err(OAuthError::InvalidRequest("The grant_type is missing.")),
    }
    let [resource, audience] = ["resource", "audience"].map(|name| form.value(name));
    let is_repeated = form.is_repeated("resource") || form.is_repeated("audience");
    // Clients that were made before RFC 8707 say `audience`: one thing under two names.
    if is_repeated || (resource.is_some() && audience.is_some() && resource != audience) {
        return Err(OAuthError::InvalidTarget);
    }
    Ok(TokenRequest {
        scope: form.value("scope").map(str::to_owned),
        resource: resource.or(audience).map(str::to_owned),
    })
}

async fn authenticate(
    app: &web::Data<App>,
    presented: Presented,
    refused: OAuthError,
    now: Timestamp,
    line: &LogLine,
) -> Result<Authenticated, OAuthError> {
    let client_id = presented.client_id.clone();
    let outcome = match app.authentication().decide(&presented, now) {
        Outcome::MustRead => {
            let read = hop_briefly(app, move |app| {
                app.authentication().read_and_decide(&presented, now)
            });
            read.await.unwrap_or_else(|e| {
                line.cause(e);
                Outcome::Unavailable
            })
        }
        decided => decided,
    };
    match outcome {
        Outcome::Authenticated(client) => Ok(client),
        Outcome::Refused { refusal, slowed } => {
            note(app, &client_id, refusal, now, line);
            Err(slowed.map_or(refused, OAuthError::SlowDown))
        }
        Outcome::MustRead | Outcome::Unavailable => {
            line.cause("nothing can be decided while the database is away");
            Err(OAuthError::Unavailable)
        }
    }
}

/// Notes a refusal: a known client's in the audit log, an unknown one's only as a keyed hash of
/// what was sent, which may be a secret in the wrong place.
fn note(app: &App, client_id: &str, refusal: Refusal, now: Timestamp, line: &LogLine) {
    line.cause(refusal);
    let known = ClientId::parse(client_id).ok();
    match known.filter(|_| refusal != Refusal::Unknown) {
        Some(id) => {
            line.client(id.as_str());
            let whom = Refused::Client(id);
            app.refusals.note(whom, line.peer(), refusal, now);
        }
        None => {
            let hash = app.digest_keys.newest().keyed_hash("client_id", client_id);
            line.client(format!("#{hash}"));
        }
    }
}

async fn issue(
    app: &web::Data<App>,
    client: &Authenticated,
    request: TokenRequest,
    now: Timestamp,
    line: &LogLine,
) -> Result<Issued, OAuthError> {
    let resource = audience(client, &request);
    let mut application = resource.and_then(|uri| app.directory.application(uri));
    let mut was_read = false;
    loop {
        let keyring = app.directory.keyring();
        let issuing = Issuing {
            public_url: &app.public_url,
            keyring: &keyring,
            freshness: app.directory.freshness(),
            application: application.as_deref(),
            was_read,
            now,
        };
        let not_issued = match issuing.issue(client, &request) {
            Ok(issued) => return Ok(issued),
            Err(not_issued) => not_issued,
        };
        let error = match not_issued {
            NotIssued::MustReadApplication if !was_read => {
                let uri = resource.unwrap_or_default().to_owned();
                let read = move |app: &App| app.directory.read_application(&uri);
                application = hop_briefly(app, read).await.map_err(|e| {
                    line.cause(e);
                    OAuthError::Unavailable
                })?;
                was_read = true;
                continue;
            }
            NotIssued::InvalidScope => OAuthError::InvalidScope,
            NotIssued::InvalidTarget | NotIssued::MustReadApplication => OAuthError::InvalidTarget,
            NotIssued::NoAudience => OAuthError::NoAudience,
            NotIssued::Unavailable => OAuthError::Unavailable,
            NotIssued::Sign(_) => OAuthError::ServerError,
        };
        if let OAuthError::InvalidScope | OAuthError::InvalidTarget = error {
            let whom = Refused::Client(client.client.client.id.clone());
            app.refusals.note(whom, line.peer(), &not_issued, now);
        }
        line.cause(not_issued);
        return Err(error);
    }
}

/// A successful answer (RFC 6749 section 5.1). A token is base64url and dots, nothing that JSON would
/// escape: it is written as it is, since to look at its characters one by one costs 0.01 of a
/// signature.
fn success(issued: &Issued) -> HttpResponse {
    let expires_in = issued.expires_in.to_string();
    let id_token = issued.id_token.as_deref();
    let tokens = issued.access_token.len() + id_token.map_or(0, str::len);
    let mut body = String::with_capacity(tokens + issued.scope.len() + 128);
    body.extend([r#"{"access_token":""#, &issued.access_token]);
    body.extend([r#"","token_type":"Bearer","expires_in":"#, &expires_in]);
    if !issued.scope.is_empty() {
        let scope = serde_json::to_string(&issued.scope).expect("a text is JSON");
        body.extend([r#","scope":"#, &scope]);
    }
    if let Some(id_token) = id_token {
        body.extend([r#","id_token":""#, id_token, "\""]);
    }
    body.push('}');
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .insert_header((PRAGMA, HeaderValue::from_static("no-cache")))
        .insert_header((CONTENT_TYPE, HeaderValue::from_static("application/json")))
        .body(body)
}

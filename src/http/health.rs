//! Is the process alive, is it ready, and which part is not?

use actix_web::dev::Payload;
use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;

use super::dispatch::app;
use super::hop;
use super::log::LogLine;
use crate::app::App;
use crate::directory::Freshness;

/// `GET /healthz`: the process answers.
pub async fn healthz(_: HttpRequest, _: Payload) -> HttpResponse {
    #[derive(Serialize)]
    struct Alive {
        status: &'static str,
    }
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "no-store"))
        .json(Alive { status: "alive" })
}

#[derive(Serialize)]
struct Ready {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    checks: Option<Checks>,
}

/// Each is `ok`, or says what is wrong.
#[derive(Serialize)]
struct Checks {
    database: &'static str,
    keys: &'static str,
    schema: &'static str,
}

const OK: &str = "ok";

impl Checks {
    fn run(app: &App) -> Self {
        let reachable = app.directory.check_reachable();
        let schema = reachable.and_then(|()| app.database.schema());
        let is_away = schema.is_err() || app.directory.freshness() != Freshness::Fresh;
        Self {
            database: if is_away { "unavailable" } else { OK },
            keys: match app.directory.keyring().jwks().len() {
                2.. => OK,
                _ => "no next signing key",
            },
            schema: match schema.map(|schema| schema.problem()) {
                Ok(None) => OK,
                Ok(Some(_)) => "not the one that this version knows",
                Err(_) => "unknown",
            },
        }
    }

    fn all_ok(&self) -> bool {
        [self.database, self.keys, self.schema] == [OK; 3]
    }
}

/// `GET /readyz`: the database, the keys and the schema are as they must be. `?verbose` says which
/// is not.
pub async fn readyz(http: HttpRequest, _: Payload) -> HttpResponse {
    let checks = hop(&app(&http), Checks::run).await;
    let is_ready = checks.all_ok();
    if !is_ready {
        let Checks {
            database,
            keys,
            schema,
        } = &checks;
        let cause = format!("database: {database}, keys: {keys}, schema: {schema}");
        LogLine::of(&http).cause(cause);
    }
    let is_verbose = http
        .query_string()
        .split('&')
        .any(|part| part.split('=').next() == Some("verbose"));
    answer(is_ready).json(Ready {
        status: if is_ready { "ready" } else { "unavailable" },
        checks: is_verbose.then_some(checks),
    })
}

/// `GET /console/api/v1/status/`: the old console's probe; an empty answer when ready.
pub async fn status(http: HttpRequest, _: Payload) -> HttpResponse {
    let is_ready = hop(&app(&http), |app| Checks::run(app).all_ok()).await;
    answer(is_ready).finish()
}

fn answer(is_ready: bool) -> actix_web::HttpResponseBuilder {
    let mut response = match is_ready {
        true => HttpResponse::Ok(),
        false => {
            let mut response = HttpResponse::ServiceUnavailable();
            response.insert_header((RETRY_AFTER, "1"));
            response
        }
    };
    response.insert_header((CACHE_CONTROL, "no-store"));
    response
}

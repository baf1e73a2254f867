//! Is the process alive, is it ready, and which part is not?

use actix_web::dev::Payload;
use actix_web::http::header::{CACHE_CONTROL, RETRY_AFTER};
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Serialize;

use super::dispatch::app;
use super::hop_briefly;
use super::log::LogLine;
use crate::alarms::{Alarm, Raised};
use crate::app::App;
use crate::directory::Freshness;

/// Where it is asked; answered also while every other connection's place is taken.
pub const PATHS: [&str; 3] = ["/healthz", "/readyz", "/console/api/v1/status/"];

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
    #[serde(skip_serializing_if = "Option::is_none")]
    warnings: Option<Vec<Warning>>,
}

/// Something that is wrong with this process.
#[derive(Serialize)]
struct Warning {
    name: &'static str,
    text: &'static str,
}

impl Warning {
    fn of(raised: &Raised) -> Self {
        Self {
            name: raised.alarm.name(),
            text: raised.text,
        }
    }
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
            keys: keys(app),
            schema: match schema.map(|schema| schema.problem()) {
                Ok(None) => OK,
                Ok(Some(_)) => "not the one that this version knows",
                Err(_) => "unknown",
            },
        }
    }

    /// Where the database does not answer.
    fn unanswered(app: &App) -> Self {
        Self {
            database: "unavailable",
            keys: keys(app),
            schema: "unknown",
        }
    }

    fn all_ok(&self) -> bool {
        [self.database, self.keys, self.schema] == [OK; 3]
    }
}

fn keys(app: &App) -> &'static str {
    match app.directory.keyring().jwks().len() {
        2.. => OK,
        _ => "no next signing key",
    }
}

/// What the parts and the alarms say together.
struct Health {
    checks: Checks,
    raised: Vec<Raised>,
}

impl Health {
    async fn ask(app: &web::Data<App>) -> Self {
        let asked = hop_briefly(app, |app| Ok(Checks::run(app))).await;
        Self {
            checks: asked.unwrap_or_else(|_| Checks::unanswered(app)),
            raised: app.alarms.list(),
        }
    }

    fn is_ready(&self) -> bool {
        let fails = |raised: &Raised| raised.alarm.fails_readiness();
        self.checks.all_ok() && !self.raised.iter().any(fails)
    }

    /// The names of the alarms for which it is not ready.
    fn failing(&self) -> String {
        let failing = self.raised.iter().map(|raised| raised.alarm);
        let failing = failing.filter(|alarm| alarm.fails_readiness());
        let names: Vec<&str> = failing.map(Alarm::name).collect();
        names.join(" ")
    }
}

/// `GET /readyz`: the database, the keys and the schema are as they must be. `?verbose` says which
/// is not, and what else is wrong.
pub async fn readyz(http: HttpRequest, _: Payload) -> HttpResponse {
    let health = Health::ask(&app(&http)).await;
    let is_ready = health.is_ready();
    if !is_ready {
        let Checks {
            database,
            keys,
            schema,
        } = &health.checks;
        let alarms = health.failing();
        let cause =
            format!("database: {database}, keys: {keys}, schema: {schema}, alarms: [{alarms}]");
        LogLine::of(&http).cause(cause);
    }
    let is_verbose = http
        .query_string()
        .split('&')
        .any(|part| part.split('=').next() == Some("verbose"));
    answer(is_ready).json(Ready {
        status: if is_ready { "ready" } else { "unavailable" },
        checks: is_verbose.then_some(health.checks),
        warnings: is_verbose.then(|| health.raised.iter().map(Warning::of).collect()),
    })
}

/// `GET /console/api/v1/status/`: the old console's probe; an empty answer when ready.
pub async fn status(http: HttpRequest, _: Payload) -> HttpResponse {
    let health = Health::ask(&app(&http)).await;
    answer(health.is_ready()).finish()
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

//! The Bearer check (RFC 6750, RFC 8725, RFC 9068).

mod claims;
mod embedded_keys;
mod encoding;
pub mod forge;
mod header;
mod id_token;
mod outage;
mod revoked;
mod sent;
mod time;
mod worth;

pub use forge::Forge;

use crate::support::TestApp;

const ME: &str = "/console/api/v2/me";
const APPLICATIONS: &str = "/console/api/v2/applications";

/// The one answer to every token that is not taken, whatever is wrong with it.
const REFUSED: &str = "401\n\
    cache-control: no-store\n\
    content-type: application/json\n\
    www-authenticate: Bearer realm=\"console\", error=\"invalid_token\"\n\
    \n\
    {\"code\":16,\"status\":\"UNAUTHENTICATED\",\"message\":\"The token is invalid or has expired.\",\"details\":\"\"}";

/// The one answer where no token was sent: its challenge carries no error.
const NO_TOKEN: &str = "401\n\
    cache-control: no-store\n\
    content-type: application/json\n\
    www-authenticate: Bearer realm=\"console\"\n\
    \n\
    {\"code\":16,\"status\":\"UNAUTHENTICATED\",\"message\":\"A Bearer token is required.\",\"details\":\"\"}";

fn assert_taken(app: &TestApp, token: &str, what: &str) {
    let response = app.get(ME, token);
    assert_eq!(response.status, 200, "{what}: {}", response.text());
}

fn assert_refused(app: &TestApp, token: &str, what: &str) {
    assert_eq!(app.get(ME, token).whole(), REFUSED, "{what}");
}

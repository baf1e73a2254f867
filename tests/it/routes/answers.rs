//! The whole answers of the resource API that are the same for every route.

use mintmark::model::scope::{Scope, ScopeSet};

/// A whole error, with the challenge's further members where it has a challenge.
fn error(status: u16, challenge: Option<&str>, code: u8, name: &str, texts: [&str; 2]) -> String {
    let challenge =
        challenge.map(|more| format!("www-authenticate: Bearer realm=\"console\"{more}\n"));
    let challenge = challenge.unwrap_or_default();
    let [message, details] = texts;
    format!(
        "{status}\ncache-control: no-store\ncontent-type: application/json\n{challenge}\n\
         {{\"code\":{code},\"status\":\"{name}\",\"message\":\"{message}\",\"details\":\"{details}\"}}"
    )
}

pub fn no_token() -> String {
    let message = "A Bearer token is required.";
    error(401, Some(""), 16, "UNAUTHENTICATED", [message, ""])
}

pub fn invalid_token() -> String {
    let message = "The token is invalid or has expired.";
    let challenge = ", error=\"invalid_token\"";
    error(401, Some(challenge), 16, "UNAUTHENTICATED", [message, ""])
}

pub fn lacks(scope: Scope) -> String {
    let scope = scope.as_str();
    let message = "The token does not have the scope that this call needs.";
    let challenge = format!(", error=\"insufficient_scope\", scope=\"{scope}\"");
    let details = format!("needed: {scope}");
    error(
        403,
        Some(&challenge),
        7,
        "PERMISSION_DENIED",
        [message, &details],
    )
}

/// The act is not for such a caller, whatever the scope.
pub fn is_refused(whole: &str) -> bool {
    let message = "The token does not allow this.";
    let challenge = ", error=\"insufficient_scope\"";
    let expected = error(403, Some(challenge), 7, "PERMISSION_DENIED", [message, "@"]);
    let (beginning, end) = expected.split_once('@').unwrap();
    whole.starts_with(beginning) && whole.ends_with(end)
}

/// A token that has the route's scope, and not what its act would give away.
/// Of a token that would open applications which it may not connect anybody to.
pub fn lacks_applications() -> String {
    let message = "The token does not allow this.";
    let challenge = ", error=\"insufficient_scope\", scope=\"applications:write\"";
    let details = "the user gets tokens for applications that are not open to the client that asks";
    error(
        403,
        Some(challenge),
        7,
        "PERMISSION_DENIED",
        [message, details],
    )
}

pub fn lacks_more(needed: ScopeSet, has: ScopeSet) -> String {
    let message = "The token does not allow this.";
    let challenge = format!(", error=\"insufficient_scope\", scope=\"{needed}\"");
    let details = format!("the token or session lacks: {}", needed - has);
    error(
        403,
        Some(&challenge),
        7,
        "PERMISSION_DENIED",
        [message, &details],
    )
}

pub fn invalid_argument(status: u16, message: &str) -> String {
    error(status, None, 3, "INVALID_ARGUMENT", [message, ""])
}

/// Whether an answer says no more than that something does not exist.
pub fn is_not_found(whole: &str) -> bool {
    let expected = error(404, None, 5, "NOT_FOUND", ["@", ""]);
    let (beginning, end) = expected.split_once('@').unwrap();
    whole.starts_with(beginning) && whole.ends_with(end)
}

pub fn unavailable() -> String {
    let message = "The service is temporarily unavailable. Try again later.";
    let whole = error(503, None, 14, "UNAVAILABLE", [message, ""]);
    whole.replacen("\n\n", "\nretry-after: 1\n\n", 1)
}

//! Refuses parameters in the URL's query, which is not read (RFC 6749 sections 2.3.1 and 3.2).

use super::OAuthError;
use crate::http::form::names;

/// What a client may have put into the URL because it has no other setting for it. To ignore these in
/// silence would issue another token than was asked for, or none without a word why. Everything else
/// in a query is ignored, as RFC 6749 section 3.2 has it.
const IN_THE_BODY: [&str; 7] = [
    "resource",
    "audience",
    "scope",
    "client_id",
    "client_secret",
    "subject_token",
    "assertion",
];

/// Refuses a query that names one of them, whatever its value; before anybody is authenticated, since
/// the client's own setting is wrong.
pub fn check(query: &str) -> Result<(), OAuthError> {
    // Most requests have none.
    let is_there = |name: &String| IN_THE_BODY.contains(&name.as_str());
    match query.is_empty() || !names(query.as_bytes()).iter().any(is_there) {
        true => Ok(()),
        false => {
            let why = "Parameters must be sent in the body: the query of the URL is not read.";
            Err(OAuthError::InvalidRequest(why))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parameter_is_found_in_every_spelling_and_nothing_else_is() {
        for query in [
            "resource=x",
            "a=b&resource",
            "resource=",
            "%72esource=%ff",
            "a&&audience=%zz&b",
            "scope",
            "client_id=a",
            "client_secret=b",
            "subject_token=c",
            "assertion=d",
        ] {
            assert!(check(query).is_err(), "{query}");
        }
        for query in [
            "",
            "tenant=a",
            "grant_type=client_credentials",
            "Resource=x",
            "resources=x",
            "x=resource",
            "%zz=1&%ff=2",
            "resource%00=x",
        ] {
            assert!(check(query).is_ok(), "{query}");
        }
    }
}

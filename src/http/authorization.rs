//! The `Authorization` header (RFC 9110 section 11.4): a scheme, in whatever case, one or more
//! spaces, and what the scheme takes.

/// What follows `scheme` in the header; nothing when it is of another scheme, or nothing follows.
pub fn after_scheme<'h>(header: &'h [u8], scheme: &str) -> Option<&'h [u8]> {
    let (named, rest) = header.split_at_checked(scheme.len())?;
    if !named.eq_ignore_ascii_case(scheme.as_bytes()) || rest.first() != Some(&b' ') {
        return None;
    }
    let start = rest.iter().position(|byte| *byte != b' ')?;
    Some(&rest[start..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_told_in_whatever_case_and_after_it_come_spaces() {
        for header in ["Bearer x y", "bearer  x y", "BEARER     x y"] {
            assert_eq!(
                after_scheme(header.as_bytes(), "Bearer"),
                Some(&b"x y"[..]),
                "{header}"
            );
        }
        for other in [
            "",
            "Bearer",
            "Bearer ",
            "Bearer   ",
            "Bearerx",
            "Bearer\tx",
            "Basic x",
            " Bearer x",
        ] {
            assert_eq!(after_scheme(other.as_bytes(), "Bearer"), None, "{other:?}");
        }
    }
}

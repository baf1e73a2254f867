//! Requests on condition (RFC 9110 section 13.1): what the caller has already, and in which state it
//! wants to find a thing.

use actix_web::HttpRequest;
use actix_web::http::header::{IF_MATCH, IF_NONE_MATCH};

/// Whether `If-None-Match` names this tag: then the answer is 304.
pub fn is_known(http: &HttpRequest, etag: &str) -> bool {
    http.headers().get_all(IF_NONE_MATCH).any(|value| {
        let names = value.to_str().unwrap_or_default().split(',');
        let mut names = names.map(|name| name.trim().trim_start_matches("W/"));
        names.any(|name| name == etag || name == "*")
    })
}

/// An `If-Match` that is neither `*` nor a list of tags.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("is * or a list of entity tags, each in double quotes")]
pub struct MalformedTags;

/// The tags of `If-Match`, without their quotes. Nothing when there is none, or `*`: then any state
/// will do. A weak tag names no state for sure, so it is left out (RFC 9110 section 13.1.1).
pub fn expected(http: &HttpRequest) -> Result<Option<Vec<String>>, MalformedTags> {
    let mut values = http.headers().get_all(IF_MATCH).peekable();
    if values.peek().is_none() {
        return Ok(None);
    }
    let values: Vec<&[u8]> = values.map(|value| value.as_bytes()).collect();
    parse(&values.join(&b','))
}

fn parse(list: &[u8]) -> Result<Option<Vec<String>>, MalformedTags> {
    if list.trim_ascii() == b"*" {
        return Ok(None);
    }
    let mut tags = Vec::new();
    let mut is_quoted = false;
    let items = list.split(|byte| {
        is_quoted ^= *byte == b'"';
        *byte == b',' && !is_quoted
    });
    for item in items.map(<[u8]>::trim_ascii).filter(|i| !i.is_empty()) {
        let weak = item.strip_prefix(b"W/");
        let tag = weak.unwrap_or(item).strip_prefix(b"\"");
        let tag = tag.and_then(|tag| tag.strip_suffix(b"\""));
        let tag = tag.ok_or(MalformedTags)?;
        let is_wrong = |byte: &u8| byte.is_ascii_control() || matches!(byte, b' ' | b'"');
        if tag.iter().any(is_wrong) {
            return Err(MalformedTags);
        }
        // A tag that is no ASCII is none of ours, and matches nothing.
        if weak.is_none() {
            tags.extend(std::str::from_utf8(tag).ok().map(str::to_owned));
        }
    }
    Ok(Some(tags))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(list: &str) -> Option<Vec<String>> {
        parse(list.as_bytes()).unwrap()
    }

    #[test]
    fn a_list_of_tags_is_read_as_it_is_written() {
        assert_eq!(tags(" * "), None);
        assert_eq!(tags("\"a\""), Some(vec!["a".to_owned()]));
        let several = tags(" \"a\" ,, \"b,c\",W/\"d\" ,\"\"");
        assert_eq!(several.unwrap(), ["a", "b,c", ""]);
        assert_eq!(tags("W/\"a\""), Some(vec![]));
        assert_eq!(tags(""), Some(vec![]));
    }

    #[test]
    fn what_is_no_list_of_tags_is_refused() {
        for wrong in [
            "a",
            "\"a",
            "a\"",
            "\"a\" \"b\"",
            "\"a\"b",
            "\"a b\"",
            "*, \"a\"",
            "w/\"a\"",
        ] {
            assert_eq!(parse(wrong.as_bytes()), Err(MalformedTags), "{wrong}");
        }
    }
}

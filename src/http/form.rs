//! Reads `application/x-www-form-urlencoded` strictly, from bytes (RFC 6749 appendix B): what a
//! lenient reader would repair or drop is refused.

use std::collections::HashSet;
use std::fmt;

/// A form's parameters, decoded, in the order in which they were sent; empty ones count as absent.
pub struct Form {
    pairs: Vec<(String, zeroize::Zeroizing<String>)>,
}

/// Why a form is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FormError {
    /// A percent sign without two hexadecimal digits, bytes that are no UTF-8, or a control
    /// character.
    Malformed,
}

impl Form {
    pub fn parse(body: &[u8]) -> Result<Self, FormError> {
        Self::parse_by(body, decode)
    }

    /// The same for what people type: a control character that was pasted into a field is read, so that
    /// the page can say which field it is.
    pub fn parse_typed(body: &[u8]) -> Result<Self, FormError> {
        Self::parse_by(body, decode_any)
    }

    fn parse_by(body: &[u8], value_of: fn(&[u8]) -> Option<String>) -> Result<Self, FormError> {
        let mut pairs = Vec::new();
        for pair in body.split(|b| *b == b'&').filter(|p| !p.is_empty()) {
            let at = pair.iter().position(|b| *b == b'=').unwrap_or(pair.len());
            let name = decode(&pair[..at]).ok_or(FormError::Malformed)?;
            let value =
                value_of(pair.get(at + 1..).unwrap_or_default()).ok_or(FormError::Malformed)?;
            if !value.is_empty() {
                pairs.push((name, zeroize::Zeroizing::new(value)));
            }
        }
        Ok(Self { pairs })
    }

    /// The value of a parameter that may be sent once.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    /// Whether a parameter was sent more than once, with a value each time.
    pub fn is_repeated(&self, name: &str) -> bool {
        self.values(name).nth(1).is_some()
    }

    /// Whether any parameter but those of `except` was sent more than once.
    pub fn has_repeated_besides(&self, except: &[&str]) -> bool {
        let mut seen = HashSet::new();
        self.pairs
            .iter()
            .any(|(name, _)| !except.contains(&name.as_str()) && !seen.insert(name.as_str()))
    }

    /// The values of a parameter, in the order in which they were sent.
    pub fn values<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.pairs
            .iter()
            .filter(move |(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Shows no value: one of them can be a secret.
impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[form]")
    }
}

/// The names in a well-formed form, also of parameters that are empty: a field that was cleared is
/// not one that was left out.
pub fn names(body: &[u8]) -> Vec<String> {
    let name = |pair: &[u8]| decode(pair.split(|b| *b == b'=').next()?);
    body.split(|b| *b == b'&').filter_map(name).collect()
}

/// Form-decodes `text`; nothing when it is malformed, no UTF-8, or holds a control character.
pub fn decode(text: &[u8]) -> Option<String> {
    decode_any(text).filter(|decoded| !decoded.chars().any(char::is_control))
}

fn decode_any(text: &[u8]) -> Option<String> {
    let means_itself = |byte: u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'%' | b'+');
    // All of them, which is quicker than to stop at the first.
    if text
        .iter()
        .fold(true, |all, byte| all & means_itself(*byte))
    {
        return String::from_utf8(text.to_owned()).ok();
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => hex(*bytes.next()?)? << 4 | hex(*bytes.next()?)?,
            other => *other,
        });
    }
    String::from_utf8(decoded).ok()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_decoded_and_empty_values_are_absent() {
        let form =
            Form::parse(b"grant_type=client_credentials&scope=a+b%3D&x=&y&&z=%D0%B6").unwrap();
        assert_eq!(form.value("grant_type"), Some("client_credentials"));
        assert_eq!(form.value("scope"), Some("a b="));
        assert_eq!(form.value("x"), None);
        assert_eq!(form.value("y"), None);
        assert_eq!(form.value("z"), Some("ж"));
        assert_eq!(names(b"x=&%79&z=1"), ["x", "y", "z"]);
    }

    #[test]
    fn a_repeated_parameter_is_noticed_even_when_its_name_is_encoded() {
        let form = Form::parse(b"scope=a&%73cope=b&resource=x&resource=y").unwrap();
        assert!(form.is_repeated("scope"));
        assert!(form.has_repeated_besides(&["resource"]));
        let form = Form::parse(b"scope=a&scope=&resource=x&resource=y").unwrap();
        assert!(!form.has_repeated_besides(&["resource"]));
        assert!(form.is_repeated("resource"));
    }

    #[test]
    fn every_byte_is_itself_a_space_a_beginning_or_refused() {
        for byte in 0..=u8::MAX {
            let expected = match byte {
                b'+' => Some("a b".to_owned()),
                b'%' | 0..0x20 | 0x7f.. => None,
                other => Some(format!("a{}b", char::from(other))),
            };
            assert_eq!(decode(&[b'a', byte, b'b']), expected, "{byte}");
        }
    }

    #[test]
    fn what_a_lenient_reader_would_repair_is_refused() {
        for wrong in [
            &b"a=%"[..],
            b"a=%4",
            b"a=%zz",
            b"a=%+1",
            b"a=\xff",
            b"a=%ff",
            b"a=%00",
            b"a=\x00",
            b"a=%0a",
            b"%0d=x",
            b"a=%7f",
            b"a=%c2%85",
        ] {
            assert_eq!(
                Form::parse(wrong).err(),
                Some(FormError::Malformed),
                "{wrong:?}"
            );
        }
    }
}

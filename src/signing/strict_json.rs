//! JSON objects without duplicate members at any depth (RFC 7515 section 4, RFC 8259 section 4).

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, MapAccess};
use serde::de::{SeqAccess, Visitor};

/// Ours nest two deep. The bound keeps the recursion far from the end of the stack.
const MAX_DEPTH: u8 = 8;

/// Reads a JSON object, nothing before or after it, that has no duplicate member at any depth and
/// is nested at most eight deep.
///
/// # Errors
/// When it is anything else, or not a `T`.
pub(super) fn from_slice<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, serde_json::Error> {
    // A derived struct would also take an array of its values.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Error::custom("not an object"));
    }
    // First, because it stops at the first member that a strict `T` does not know.
    let value = serde_json::from_slice(bytes)?;
    // Then the whole text once more: of the members that `T` does not know, serde sees nothing.
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    NoDuplicates { depth: 0 }.deserialize(&mut deserializer)?;
    Ok(value)
}

/// Walks over a value and keeps nothing of it.
#[derive(Clone, Copy)]
struct NoDuplicates {
    depth: u8,
}

impl NoDuplicates {
    fn deeper<E: Error>(self) -> Result<Self, E> {
        if self.depth == MAX_DEPTH {
            return Err(E::custom("nested too deep"));
        }
        Ok(Self {
            depth: self.depth + 1,
        })
    }
}

impl<'de> DeserializeSeed<'de> for NoDuplicates {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NoDuplicates {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let item = self.deeper()?;
        while items.next_element_seed(item)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let value = self.deeper()?;
        let mut names = BTreeSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !names.insert(name) {
                return Err(A::Error::custom("duplicate member"));
            }
            members.next_value_seed(value)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde::Deserialize;
    use serde_json::Value;

    #[derive(Deserialize)]
    struct Known {
        a: u32,
    }

    fn is_taken(text: &str) -> bool {
        from_slice::<Value>(text.as_bytes()).is_ok()
    }

    #[test]
    fn an_object_without_duplicates_is_taken() {
        for text in [
            "{}",
            " { \"a\" : 1 } ",
            r#"{"a":{"a":{"a":null}},"b":[{"a":1},{"a":true}],"c":-1,"d":1.5,"A":""}"#,
        ] {
            assert!(is_taken(text), "{text}");
        }
        assert_eq!(from_slice::<Known>(br#"{"a":1,"b":2}"#).unwrap().a, 1);
    }

    #[test]
    fn a_duplicate_member_is_refused_at_any_depth_and_in_any_spelling() {
        for text in [
            r#"{"a":1,"a":1}"#,
            r#"{"a":1,"\u0061":2}"#,
            r#"{"x":{"a":1,"b":2,"a":3}}"#,
            r#"{"x":[0,{"a":1,"a":3}]}"#,
        ] {
            assert!(!is_taken(text), "{text}");
        }
        // A member that the type does not know counts too.
        assert!(from_slice::<Known>(br#"{"a":1,"b":2,"b":2}"#).is_err());
        assert!(from_slice::<Known>(br#"{"a":1,"b":{"c":1,"c":1}}"#).is_err());
    }

    #[test]
    fn what_is_not_one_object_is_refused() {
        for text in [
            "", " ", "[]", "[1]", "1", "null", "\"a\"", "{", "{}{}", "{} x", "{}\0",
        ] {
            assert!(!is_taken(text), "{text}");
        }
        assert!(from_slice::<Known>(b"[1]").is_err());
        assert!(from_slice::<Value>(b"{\"a\":\"\xff\"}").is_err());
        assert!(from_slice::<Value>(b"\xef\xbb\xbf{}").is_err());
    }

    #[test]
    fn deep_nesting_is_refused_without_using_up_the_stack() {
        let nested = |depth| format!("{}1{}", r#"{"a":"#.repeat(depth), "}".repeat(depth));
        assert!(is_taken(&nested(8)));
        assert!(!is_taken(&nested(9)));
        assert!(!is_taken(&nested(1_000_000)));
        assert!(!is_taken(&format!(r#"{{"a":{}"#, "[".repeat(1_000_000))));
    }
}

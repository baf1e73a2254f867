//! A JSON object that is read as one: what serde derives for a struct also takes an array of the
//! struct's values, in the order in which they stand in the code.

use std::fmt;
use std::marker::PhantomData;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

/// A `T` that arrives as an object, and in no other shape.
#[derive(Debug)]
pub struct Object<T>(pub T);

struct ObjectVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for ObjectVisitor<T> {
    type Value = Object<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<Self::Value, A::Error> {
        T::deserialize(MapAccessDeserializer::new(members)).map(Object)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ObjectVisitor(PhantomData))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Point {
        x: i64,
        y: Option<i64>,
    }

    #[test]
    fn an_array_of_a_structs_values_is_no_object() {
        let read = |text| serde_json::from_str::<Object<Point>>(text);
        let Object(point) = read(r#"{"x":1}"#).unwrap();
        assert_eq!((point.x, point.y), (1, None));
        for wrong in [
            "[1,2]",
            "[]",
            "1",
            "null",
            "\"x\"",
            "{}",
            r#"{"x":1,"x":1}"#,
            r#"{"x":1,"z":1}"#,
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}

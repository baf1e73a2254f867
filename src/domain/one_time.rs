//! Forms that make something: each does so once, however often it is sent.

use super::DomainError;
use crate::ambient::random_base62;
use crate::model::ids::SessionId;
use crate::model::session::WHOLE_TIME;
use crate::model::timestamp::Timestamp;
use crate::store::{AnyConnection, StoreError, one_time_forms};

/// 22 base62 characters are 131 random bits.
const LENGTH: usize = 22;

/// One form, as it was shown in one session.
#[derive(Clone, Debug)]
pub struct OneTime {
    name: String,
}

impl OneTime {
    /// What a form that is shown now carries.
    pub fn generate() -> String {
        random_base62(LENGTH)
    }

    /// The form that carries `text`; nothing if none does.
    pub fn read(session: SessionId, text: &str) -> Option<Self> {
        let is_one = text.len() == LENGTH && text.bytes().all(|b| b.is_ascii_alphanumeric());
        is_one.then(|| Self {
            name: format!("{session}/{text}"),
        })
    }

    /// Does `work`, unless the form was sent before: then, nothing. In one transaction, so that
    /// what failed can be sent again.
    pub fn once<T>(
        &self,
        c: &mut AnyConnection,
        now: Timestamp,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, DomainError>,
    ) -> Result<Option<T>, DomainError> {
        if one_time_forms::exists(c, &self.name)? {
            return Ok(None);
        }
        let done = work(c)?;
        one_time_forms::create(c, &self.name, now)?;
        Ok(Some(done))
    }
}

/// Forgets the forms of sessions that have ended.
pub fn trim(c: &mut AnyConnection, now: Timestamp) -> Result<usize, StoreError> {
    one_time_forms::delete_before(c, now.plus_seconds(-WHOLE_TIME))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ambient::random_uuid;

    #[test]
    fn a_form_is_one_of_its_session_and_nothing_else() {
        let session = || SessionId::new(random_uuid());
        let text = OneTime::generate();
        let name = |session| OneTime::read(session, &text).unwrap().name;
        let (one, other) = (session(), session());
        assert_eq!(name(one), name(one));
        assert_ne!(name(one), name(other));
        for wrong in ["", "x", &text[1..], "0123456789abcdefghij-_"] {
            assert!(OneTime::read(one, wrong).is_none(), "{wrong}");
        }
    }
}

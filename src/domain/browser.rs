//! What a browser is given to bring back: the token in a form of a session, and the proof that
//! somebody signed in from it before. Both are keyed digests, so that nothing of them is kept.

use super::secret::DigestKeys;
use crate::model::text::fold;
use crate::model::timestamp::Timestamp;
use crate::signing::Purpose;

/// For how long after a sign-in its browser is known, in seconds: 90 days.
pub const KNOWN_FOR: i64 = 90 * 86_400;
/// How far the clock of the process that made a proof may be ahead of this one's, in seconds.
const MOST_AHEAD: i64 = 60;

/// What a form's token is bound to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FormTokenOf {
    /// What opens a session.
    Session,
    /// What a browser holds in which nobody is signed in.
    Visit,
}

impl FormTokenOf {
    const fn label(self) -> &'static str {
        match self {
            FormTokenOf::Session => "session",
            FormTokenOf::Visit => "visit",
        }
    }
}

/// The token for the forms of whoever holds `held`.
pub fn form_token(keys: &DigestKeys, of: FormTokenOf, held: &str) -> String {
    let digest = keys.newest().digest(Purpose::FormToken, [of.label(), held]);
    digest.to_text()
}

/// Whether `presented` is such a token.
pub fn is_form_token(keys: &DigestKeys, of: FormTokenOf, held: &str, presented: &str) -> bool {
    keys.is_digest(Purpose::FormToken, [of.label(), held], presented)
}

/// What is given to a browser from which `login` signed in at `now`, while `hash` was kept of their
/// password. It says when, and holds a digest of that hash: a change of the password ends it.
pub fn browser_proof(keys: &DigestKeys, login: &str, hash: &str, now: Timestamp) -> String {
    let key = keys.newest();
    let password = key.digest(Purpose::Browser, ["password", hash]).to_text();
    let at = now.seconds().to_string();
    let values = ["proof", &fold(login), &at, &password];
    let digest = key.digest(Purpose::Browser, values).to_text();
    format!("{at}.{password}.{digest}")
}

/// A proof that was given here for one login, not too long ago. It holds if the password is still the
/// same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proof {
    password: String,
}

impl Proof {
    /// Reads what a browser presents for `login`.
    pub fn read(keys: &DigestKeys, login: &str, presented: &str, now: Timestamp) -> Option<Self> {
        let mut parts = presented.split('.');
        let (at, password, digest) = (parts.next()?, parts.next()?, parts.next()?);
        let values = ["proof", &fold(login), at, password];
        let is_ours = keys.is_digest(Purpose::Browser, values, digest);
        let at = at.parse::<i64>().ok()?;
        let age = now.seconds().checked_sub(at)?;
        let counts = is_ours && parts.next().is_none() && (-MOST_AHEAD..KNOWN_FOR).contains(&age);
        counts.then(|| Self {
            password: password.to_owned(),
        })
    }

    /// Whether `hash` is what was kept of the password when the proof was made.
    pub fn holds(&self, keys: &DigestKeys, hash: &str) -> bool {
        keys.is_digest(Purpose::Browser, ["password", hash], &self.password)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::DigestKey;

    fn keys() -> DigestKeys {
        DigestKeys::new(vec![DigestKey::generate()]).unwrap()
    }

    #[test]
    fn a_browser_is_known_for_the_login_and_the_password_that_signed_in_there() {
        let (keys, now) = (keys(), Timestamp::from_seconds(1_000_000));
        let text = browser_proof(&keys, "Ivan", "a hash", now);
        let proof = Proof::read(&keys, "ivan", &text, now).unwrap();
        assert!(proof.holds(&keys, "a hash"));
        assert!(!proof.holds(&keys, "another hash"));
        assert_eq!(Proof::read(&keys, "olga", &text, now), None);
        let (at, rest) = text.split_once('.').unwrap();
        for forged in [
            &text[1..],
            at,
            rest,
            &format!("{text}."),
            &format!("1{text}"),
            &text.replacen(at, "1000001", 1),
        ] {
            assert_eq!(Proof::read(&keys, "ivan", forged, now), None, "{forged}");
        }
        assert_eq!(Proof::read(&self::keys(), "ivan", &text, now), None);
    }

    #[test]
    fn a_proof_ends_and_is_not_from_the_future() {
        let (keys, now) = (keys(), Timestamp::from_seconds(1_000_000));
        let text = browser_proof(&keys, "ivan", "a hash", now);
        let is_read = |at: i64| Proof::read(&keys, "ivan", &text, now.plus_seconds(at)).is_some();
        assert!(is_read(KNOWN_FOR - 1));
        assert!(!is_read(KNOWN_FOR));
        assert!(is_read(-MOST_AHEAD));
        assert!(!is_read(-MOST_AHEAD - 1));
    }

    #[test]
    fn a_form_token_is_of_one_session_or_of_one_visit() {
        let keys = keys();
        let token = form_token(&keys, FormTokenOf::Session, "a");
        assert!(is_form_token(&keys, FormTokenOf::Session, "a", &token));
        assert!(!is_form_token(&keys, FormTokenOf::Session, "b", &token));
        assert!(!is_form_token(&keys, FormTokenOf::Visit, "a", &token));
        assert!(!is_form_token(&keys, FormTokenOf::Session, "a", ""));
    }
}

//! What a browser is given to bring back: the token in a form of a session, and the proof that
//! somebody signed in from it before. Both are keyed digests, so that nothing of them is kept.

use super::secret::DigestKeys;
use crate::ambient::random_base62;
use crate::model::text::fold;
use crate::signing::Purpose;

/// How many base62 characters name a browser: 130 bits.
const NAME_LENGTH: usize = 22;

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

/// What is given to a browser from which `login` signed in.
pub fn browser_proof(keys: &DigestKeys, login: &str) -> String {
    let name = random_base62(NAME_LENGTH);
    let digest = keys
        .newest()
        .digest(Purpose::Browser, [&fold(login), &name]);
    format!("{name}.{}", digest.to_text())
}

/// The name of the browser, if `proof` was given to it for this `login`.
pub fn known_browser<'p>(keys: &DigestKeys, login: &str, proof: &'p str) -> Option<&'p str> {
    let (name, digest) = proof.split_once('.')?;
    let is_ours = keys.is_digest(Purpose::Browser, [&fold(login), name], digest);
    is_ours.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::DigestKey;

    #[test]
    fn a_browser_is_known_for_the_login_that_signed_in_there_and_no_other() {
        let keys = DigestKeys::new(vec![DigestKey::generate()]).unwrap();
        let proof = browser_proof(&keys, "Ivan");
        let name = known_browser(&keys, "ivan", &proof).unwrap();
        assert_eq!(name.len(), 22);
        assert_eq!(known_browser(&keys, "olga", &proof), None);
        assert_eq!(known_browser(&keys, "ivan", &proof[1..]), None);
        assert_eq!(known_browser(&keys, "ivan", name), None);
        let others = DigestKeys::new(vec![DigestKey::generate()]).unwrap();
        assert_eq!(known_browser(&others, "ivan", &proof), None);
    }

    #[test]
    fn a_form_token_is_of_one_session_or_of_one_visit() {
        let keys = DigestKeys::new(vec![DigestKey::generate()]).unwrap();
        let token = form_token(&keys, FormTokenOf::Session, "a");
        assert!(is_form_token(&keys, FormTokenOf::Session, "a", &token));
        assert!(!is_form_token(&keys, FormTokenOf::Session, "b", &token));
        assert!(!is_form_token(&keys, FormTokenOf::Visit, "a", &token));
        assert!(!is_form_token(&keys, FormTokenOf::Session, "a", ""));
    }
}

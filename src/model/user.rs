//! Users: the people who sign in.

use crate::model::client::Disabled;
use crate::model::ids::{UserId, UserListId};
use crate::model::scope::Role;
use crate::model::text::{TextError, check_name, is_ignorable, same_width, tidy};
use crate::model::timestamp::Timestamp;

/// A person who signs in.
#[derive(Clone, Debug)]
pub struct User {
    pub id: UserId,
    pub user_list_id: UserListId,
    /// Unique in the instance, without regard to case.
    pub login: String,
    /// How the user is shown to others.
    pub presentation: String,
    pub email: Option<String>,
    pub phone: Option<String>,
    pub role: Role,
    pub disabled: Option<Disabled>,
    /// Raised when everything issued to this user's clients so far must be refused, above the
    /// generation of each.
    pub generation: i64,
    pub created_at: Timestamp,
    /// When the password ends, if somebody else set it and it was not changed since.
    pub password_ends_at: Option<Timestamp>,
}

/// A login as it is kept: composed, of one width, without blanks at its ends (RFC 8265 section 3.4,
/// UsernameCasePreserved).
pub fn tidy_login(text: &str) -> String {
    tidy(&same_width(text))
}

/// Checks a login: a name of at most 100 characters that begins with a letter or a digit and has
/// no white space, nothing that is not seen, and no `:`, which would end it in Basic credentials.
pub fn check_login(login: &str) -> Result<(), LoginError> {
    check_name(login, 100)?;
    if login.contains(is_ignorable) {
        return Err(TextError::Control.into());
    }
    let first = login.chars().next();
    if !first.is_some_and(char::is_alphanumeric)
        || login.chars().any(|c| c.is_whitespace() || c == ':')
    {
        return Err(LoginError::Shape);
    }
    Ok(())
}

/// Why a text cannot be a login.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum LoginError {
    #[error(transparent)]
    Text(#[from] TextError),
    #[error("begins with a letter or a digit and has neither white space nor ':'")]
    Shape,
}

/// Checks how a user is to be shown.
pub fn check_presentation(presentation: &str) -> Result<(), TextError> {
    check_name(presentation, 200)
}

/// Checks where a user is written to: one word of at most 254 characters with an `@` within, which is
/// all that addresses have in common.
pub fn check_email(email: &str) -> Result<(), ContactError> {
    check_name(email, 254)?;
    let parts = email.rsplit_once('@');
    let is_address = parts.is_some_and(|(name, host)| !name.is_empty() && !host.is_empty());
    match is_address && !email.contains(char::is_whitespace) {
        true => Ok(()),
        false => Err(ContactError::Email),
    }
}

/// Checks where a user is called: at most 40 digits, spaces and `+-()`, a digit among them.
pub fn check_phone(phone: &str) -> Result<(), ContactError> {
    check_name(phone, 40)?;
    let allowed = |c: char| c.is_ascii_digit() || matches!(c, ' ' | '+' | '-' | '(' | ')');
    match phone.chars().all(allowed) && phone.contains(|c: char| c.is_ascii_digit()) {
        true => Ok(()),
        false => Err(ContactError::Phone),
    }
}

/// Why a text is no email or phone.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum ContactError {
    #[error(transparent)]
    Text(#[from] TextError),
    #[error("is a name, '@' and a host, without white space")]
    Email,
    #[error("has digits, spaces and '+', '-', '(', ')' only, and a digit at least")]
    Phone,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_one_word() {
        assert_eq!(check_login("admin"), Ok(()));
        assert_eq!(check_login("Иван.Петров"), Ok(()));
        assert_eq!(check_login("ivan@example.org"), Ok(()));
        for wrong in ["a b", "a:b", "#x", "-x"] {
            assert_eq!(check_login(wrong), Err(LoginError::Shape), "{wrong}");
        }
        let control = Err(LoginError::Text(TextError::Control));
        for unseen in [
            '\t',
            '\u{ad}',
            '\u{34f}',
            '\u{200c}',
            '\u{200d}',
            '\u{202e}',
            '\u{2066}',
            '\u{fe0f}',
            '\u{e0100}',
        ] {
            assert_eq!(check_login(&format!("iv{unseen}an")), control, "{unseen:?}");
        }
        assert_eq!(tidy_login(" ｉｖａｎ.Рои\u{306}  "), "ivan.Рой");
    }

    #[test]
    fn an_email_and_a_phone_have_a_form() {
        for right in ["a@b", "иван@пример.рф", "\"a@b\"@example.org"] {
            assert_eq!(check_email(right), Ok(()), "{right}");
        }
        for wrong in ["a", "@b", "a@", "a b@c"] {
            assert_eq!(check_email(wrong), Err(ContactError::Email), "{wrong}");
        }
        assert_eq!(check_phone("+7 (495) 123-45-67"), Ok(()));
        for wrong in ["+", "12a", "12.3", "１２"] {
            assert_eq!(check_phone(wrong), Err(ContactError::Phone), "{wrong}");
        }
        let long = ContactError::Text(TextError::TooLong(40));
        assert_eq!(check_phone(&"1".repeat(41)), Err(long));
    }
}

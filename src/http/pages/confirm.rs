//! Asking for the password once more, in the very form that does something which matters: one step,
//! no page between.

use maud::{Markup, html};

use super::parts::Field;
use super::sign_in::note;
use super::{PageCall, PageError};
use crate::domain::sessions;
use crate::domain::sign_in::{self, SignInRefusal, Verified};
use crate::http::hashing::hashed;
use crate::http::log::LogLine;

/// The field with the password.
pub const FIELD: &str = "current_password";

impl PageCall {
    /// The field, with what is wrong with what was in it.
    pub fn confirm_field(&self, label: &str, wrong: Option<&str>) -> Markup {
        let field = Field {
            name: FIELD,
            label,
            kind: "password",
            autocomplete: "current-password",
            error: wrong,
            ..Field::default()
        };
        html! {
            // For password managers alone, which else would not know whose password it is: they ask
            // for a field that is there and need not be seen.
            input type="text" name="username" value=(self.signed_in.user.login)
                autocomplete="username" readonly hidden;
            (field.show(self.text()))
        }
    }

    /// The field, where it is long ago that the password was given.
    pub fn confirm_if_old_field(&self, label: &str, wrong: Option<&str>) -> Markup {
        match self.is_recent() {
            true => html! {},
            false => self.confirm_field(label, wrong),
        }
    }

    /// Checks the password in the form, where it is long ago that it was given.
    pub async fn confirm_if_old(&self) -> Result<Option<String>, PageError> {
        match self.is_recent() {
            true => Ok(None),
            false => self.confirm().await,
        }
    }

    fn is_recent(&self) -> bool {
        self.signed_in.session.is_recent(self.now)
    }

    /// Checks the password in the form, and notes that it was given. Answers what is wrong with it,
    /// if something is.
    pub async fn confirm(&self) -> Result<Option<String>, PageError> {
        let text = &self.text().account;
        let password = self.form.secret(FIELD)?;
        if password.expose().is_empty() {
            return Ok(Some(text.password.missing.to_owned()));
        }
        let login = &self.signed_in.user.login;
        let is_known = self.is_known_browser(login).await?;
        let peer = LogLine::of(&self.http).peer();
        let guard = &self.app.sign_in_guard;
        if guard.is_too_often(login, peer, self.now) {
            return Ok(Some(text.sign_in.busy.to_owned()));
        }
        let attempt = match guard.begin(login, peer, is_known, self.now) {
            Ok(attempt) => attempt,
            Err(seconds) => return Ok(Some((text.sign_in.slowed)(seconds))),
        };
        let (user, session, now) = (self.signed_in.user.id, self.signed_in.session.id, self.now);
        // Whoever signed in before the end of a temporary password can still change it.
        let began = self.signed_in.session.created_at;
        let read = self.hop(move |app| app.read(|c| sign_in::read_again(c, user)));
        let candidate = read.await?;
        let whom = self.whom();
        let verified = hashed(&self.app, &whom, move || candidate.verify(&password, began)).await;
        let Ok(verified) = verified else {
            guard.take_back(attempt);
            return Ok(Some(text.sign_in.busy.to_owned()));
        };
        let refused = match verified? {
            Verified::Refused(_, refusal) => Some(refusal),
            Verified::Right(_) if !guard.succeeded(login, peer, self.now) => {
                guard.take_back(attempt);
                return Ok(Some(text.sign_in.busy.to_owned()));
            }
            Verified::Right(right) => {
                let noted = self.hop(move |app| {
                    app.database.write(|c| {
                        let holds = right.still_holds(c)?;
                        if holds {
                            sessions::confirm(c, session, now)?;
                        }
                        Ok::<_, PageError>(holds)
                    })
                });
                let holds = noted.await?;
                (!holds).then_some(SignInRefusal::WrongPassword)
            }
        };
        Ok(match refused {
            None => {
                guard.take_back(attempt);
                None
            }
            Some(refusal) => {
                note(self, login, Some(user), refusal);
                Some(text.password.wrong.to_owned())
            }
        })
    }
}

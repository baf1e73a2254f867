//! One request to a page: who sent it, in which language it is answered, and what it may do.

use std::ops::Deref;
use std::rc::Rc;

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::cookies::Cookie;
use super::error::PageError;
use super::form::{ONCE, PageForm};
use super::layout::Shell;
use super::notice::{Notice, Said};
use super::text::Text;
use crate::app::App;
use crate::domain::browser::Proof;
use crate::domain::hash_line::Whom;
use crate::domain::one_time::OneTime;
use crate::domain::refusals::{BEYOND_BUDGET, Refused};
use crate::domain::sessions::{self, SignedIn};
use crate::domain::{Act, AnyConnection, Authority, DomainError, Reading, StoreError, sign_in};
use crate::http::hop;
use crate::http::log::LogLine;
use crate::http::own_turn::own_turn;
use crate::http::routes::Needs;
use crate::model::page::{PAGE_SIZE, Window};
use crate::model::scope::Role;
use crate::model::timestamp::Timestamp;

/// What is searched for, without the control characters that were pasted with it: nothing has any, so
/// a tab is a space.
pub fn without_controls(typed: &str) -> String {
    typed.replace(char::is_control, " ").trim().to_owned()
}

pub type PageResult = Result<HttpResponse, PageError>;

/// A request of anybody.
pub struct Visit {
    pub app: web::Data<App>,
    pub http: HttpRequest,
    pub now: Timestamp,
    pub shell: Rc<Shell>,
    /// What an unsafe request sent; its token was right.
    pub form: PageForm,
    /// Whose session it carries, also one that still waits for a code.
    pub session: Option<SignedIn>,
}

impl Visit {
    pub fn text(&self) -> &'static Text {
        self.shell.text
    }

    /// What the query says.
    pub fn query(&self) -> Result<PageForm, PageError> {
        PageForm::parse(self.http.query_string().as_bytes())
    }

    /// Which part of a list the query asks for.
    pub fn window(&self) -> Result<Window, PageError> {
        let number = match self.query()?.value("page")? {
            "" => 0,
            text => text.parse::<u32>().map_err(|_| PageError::NotFound)?,
        };
        Ok(Window::Page {
            number: number.into(),
            size: PAGE_SIZE,
        })
    }

    /// What a list is searched by, if it is.
    pub fn search(&self) -> Result<Option<String>, PageError> {
        let query = self.query()?;
        let search = without_controls(query.value("search")?);
        Ok(Some(search).filter(|search| !search.is_empty()))
    }

    /// A part of the path that is an id; what is none names nothing.
    pub fn id<T>(&self, name: &str, parse: fn(&str) -> Option<T>) -> Result<T, PageError> {
        parse(self.http.match_info().query(name)).ok_or(PageError::NotFound)
    }

    /// A page.
    pub fn answer(&self, title: &str, body: &Markup) -> PageResult {
        Ok(self.shell.answer(StatusCode::OK, title, body))
    }

    /// Leads on to another page.
    pub fn lead(&self, to: &str) -> PageResult {
        Ok(self.shell.redirect(to, None))
    }

    /// Leads on after an act, which is told there.
    pub fn done(&self, to: &str, notice: Notice, subject: &str) -> PageResult {
        let subject = subject.to_owned();
        Ok(self.shell.redirect(to, Some(Said { notice, subject })))
    }

    /// Whether somebody signed in with this login from this browser, with the password of today. It
    /// is read only for a proof that was given here.
    pub async fn is_known_browser(&self, login: &str) -> Result<bool, StoreError> {
        let proof = self.shell.cookies.value(Cookie::Browser);
        let keys = &self.app.digest_keys;
        let Some(proof) = proof.and_then(|proof| Proof::read(keys, login, proof, self.now)) else {
            return Ok(false);
        };
        let login = login.to_owned();
        self.hop(move |app| {
            let hash = app.read(|c| sign_in::find_hash(c, &login))?;
            Ok(hash.is_some_and(|hash| proof.holds(&app.digest_keys, &hash)))
        })
        .await
    }

    /// Runs `work` on a thread that may wait for the database.
    pub async fn hop<T, E>(
        &self,
        work: impl FnOnce(&App) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StoreError> + Send + 'static,
    {
        hop(&self.app, work).await
    }
}

/// A request of somebody who is signed in, and may make it.
pub struct PageCall {
    pub visit: Visit,
    pub signed_in: SignedIn,
    pub(super) needs: Needs,
}

impl Deref for PageCall {
    type Target = Visit;
    fn deref(&self) -> &Visit {
        &self.visit
    }
}

impl PageCall {
    pub fn is_administrator(&self) -> bool {
        self.signed_in.user.role == Role::Administrator
    }

    /// For whom a password is hashed here.
    pub fn whom(&self) -> Whom {
        Whom::Known(self.signed_in.user.login.clone())
    }

    /// Runs `work` on a connection that only reads.
    pub async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &Authority) -> Result<T, DomainError> + Send + 'static,
    ) -> Result<T, PageError> {
        self.read_as(Reading::Short, work).await
    }

    /// As [`Self::read`], of something that may be long.
    pub async fn read_as<T: Send + 'static>(
        &self,
        reading: Reading,
        work: impl FnOnce(&mut AnyConnection, &Authority) -> Result<T, DomainError> + Send + 'static,
    ) -> Result<T, PageError> {
        let authority = Authority::of_session(&self.signed_in.user);
        let read = move |app: &App| app.read_as(reading, |c| work(c, &authority));
        let done: Result<T, DomainError> = hop(&self.app, read).await;
        Ok(done?)
    }

    /// What makes a form do what it does once.
    pub fn once_field(&self) -> Markup {
        html! { input type="hidden" name=(ONCE) value=(OneTime::generate()); }
    }

    /// The form that was sent, which is to do what it does once.
    pub fn once(&self) -> Result<OneTime, PageError> {
        let read = OneTime::read(self.signed_in.session.id, self.form.value(ONCE)?);
        read.ok_or(PageError::FormMalformed)
    }

    /// Runs `work` in one transaction, with the rights that the session has there: it is looked up
    /// once more, so that nothing is done with what has just been taken away.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut AnyConnection, &Act, &App) -> Result<T, DomainError> + Send + 'static,
    ) -> Result<T, PageError> {
        let (id, needs, now) = (self.signed_in.session.id, self.needs, self.now);
        let authority = Authority::of_session(&self.signed_in.user);
        let spent = self
            .app
            .write_budget
            .spend(&authority, self.app.clock.monotonic());
        if let Err(over) = spent {
            let (user, peer) = (self.signed_in.user.id, LogLine::of(&self.http).peer());
            let whom = Refused::UserChange(user);
            self.app.refusals.note(whom, peer, BEYOND_BUDGET, now);
            return Err(PageError::Overspent(over));
        }
        let turn = own_turn(&self.app, &authority).await?;
        let request_id = Some(self.shell.request_id.clone());
        let write = move |app: &App| {
            app.write(|c| {
                let found = sessions::find_again(c, id, app.clock.now())?;
                let signed_in = found.ok_or(PageError::SignedOut)?;
                check(needs, &signed_in)?;
                let act = Act {
                    authority: Authority::of_session(&signed_in.user),
                    now,
                    request_id,
                };
                Ok(work(c, &act, app)?)
            })
        };
        let done = hop(&self.app, write).await;
        turn.end(matches!(done, Err(PageError::Unavailable(_))));
        done
    }
}

/// Whether somebody may see the page at all.
pub(super) fn check(needs: Needs, signed_in: &SignedIn) -> Result<(), PageError> {
    let is_administrator = signed_in.user.role == Role::Administrator;
    match needs {
        Needs::Administrator if !is_administrator => {
            Err(PageError::Forbidden("for administrators only".to_owned()))
        }
        Needs::Session | Needs::Administrator if signed_in.must_change_password => Err(
            PageError::Forbidden("the password must be changed first".to_owned()),
        ),
        _ => Ok(()),
    }
}

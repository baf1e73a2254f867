//! What an administrator does with a user: off and on, password and second factor, sessions, the
//! end.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use maud::html;

use super::password_page;
use super::user::find;
use super::users::HERE;
use crate::domain::{Act, AnyConnection, DomainError, second_factor, sessions, users};
use crate::http::pages::notice::Notice;
use crate::http::pages::parts::Field;
use crate::http::pages::{PageCall, PageError, PageResult, clients};
use crate::model::user::User;

/// `POST /console/admin/users/{id}/disable`
pub async fn disable(call: PageCall) -> PageResult {
    act(&call, Notice::UserDisabled, users::disable).await
}

/// `POST /console/admin/users/{id}/enable`
pub async fn enable(call: PageCall) -> PageResult {
    act(&call, Notice::UserEnabled, users::enable).await
}

/// `POST /console/admin/users/{id}/sign-out`
pub async fn sign_out(call: PageCall) -> PageResult {
    act(&call, Notice::UserSignedOut, |c, act, user| {
        sessions::end_all(c, act, user.id, None)
    })
    .await
}

/// `POST /console/admin/users/{id}/second-factor`
pub async fn second_factor(call: PageCall) -> PageResult {
    let user = find(&call).await?;
    if is_own(&call, &user) {
        return call.lead("/console/profile/second-factor/off");
    }
    if let Some(wrong) = call.confirm_if_old().await? {
        let says = &call.text().admin.users;
        let words = (says.reset_factor, says.reset_factor_hint);
        return Ok(ask_again(&call, &user, "second-factor", words, &wrong));
    }
    act(&call, Notice::FactorReset, |c, act, user| {
        act.authority.check_acts_on(user.role)?;
        second_factor::turn_off(c, act, user.id)
    })
    .await
}

/// Whether it is their own account: what opens that is changed on the profile's pages, which ask for
/// what opened it so far.
pub fn is_own(call: &PageCall, user: &User) -> bool {
    user.id == call.signed_in.user.id
}

/// The same act with a field for the password of whoever does it: it is long ago that it was given.
fn ask_again(
    call: &PageCall,
    user: &User,
    act: &str,
    (title, hint): (&str, &str),
    wrong: &str,
) -> HttpResponse {
    let text = call.text();
    let one = format!("{HERE}/{}", user.id);
    let fields = html! {
        (call.confirm_field(text.clients.form.current_password, Some(wrong)))
        (call.once_field())
        div.row {
            button.main type="submit" { (title) }
            a href=(one) { (text.admin.users.cancel) }
        }
    };
    let title = format!("{title}: {}", user.login);
    let body = html! {
        h1 { (title) }
        p.lead { (hint) }
        (call.shell.form(&format!("{one}/{act}"), "stack", &fields))
    };
    call.shell
        .answer(StatusCode::UNPROCESSABLE_ENTITY, &title, &body)
}

type UserAct = fn(&mut AnyConnection, &Act, &User) -> Result<(), DomainError>;

async fn act(call: &PageCall, notice: Notice, work: UserAct) -> PageResult {
    let user = find(call).await?;
    let to = format!("{HERE}/{}", user.id);
    let login = user.login.clone();
    call.write(move |c, act, _| work(c, act, &user)).await?;
    call.done(&to, notice, &login)
}

/// `POST /console/admin/users/{id}/password`
pub async fn password(call: PageCall) -> PageResult {
    let user = find(&call).await?;
    if is_own(&call, &user) {
        return call.lead("/console/profile/password");
    }
    let once = call.once()?;
    let says = &call.text().admin.users;
    if let Some(wrong) = call.confirm_if_old().await? {
        let words = (says.reset_password, says.reset_password_hint);
        return Ok(ask_again(&call, &user, "password", words, &wrong));
    }
    let Some((password, hash)) = password_page::make(&call).await? else {
        return Err(PageError::Unavailable("too many hashes at once".to_owned()));
    };
    let on = format!("{HERE}/{}", user.id);
    let login = user.login.clone();
    let set = call.write(move |c, act, _| {
        once.once(c, act.now, |c| users::set_password(c, act, &user, &hash))
    });
    match set.await? {
        Some(()) => {
            let title = (says.reset)(&login);
            Ok(password_page::show(&call, &title, &login, &password, &on))
        }
        None => clients::already(&call, &on, says.title),
    }
}

/// `GET /console/admin/users/{id}/delete`
pub async fn delete_form(call: PageCall) -> PageResult {
    let user = find(&call).await?;
    Ok(show(&call, StatusCode::OK, &user, None))
}

/// `POST /console/admin/users/{id}/delete`
pub async fn delete(call: PageCall) -> PageResult {
    let user = find(&call).await?;
    let says = &call.text().admin.users;
    if call.form.value("login")?.trim() != user.login {
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(show(&call, status, &user, Some(says.differs)));
    }
    let login = user.login.clone();
    let doomed = user.clone();
    let deleted = call.write(move |c, act, _| clients::told(users::delete(c, act, &doomed)));
    match deleted.await? {
        Ok(()) => call.done(HERE, Notice::UserDeleted, &login),
        Err((_, error)) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            let why = call.text().refusal(&error);
            Ok(show(&call, status, &user, Some(&why)))
        }
    }
}

fn show(call: &PageCall, status: StatusCode, user: &User, wrong: Option<&str>) -> HttpResponse {
    let text = call.text();
    let says = &text.admin.users;
    let one = format!("{HERE}/{}", user.id);
    let fields = html! {
        (Field {
            name: "login",
            label: &(says.type_login)(&user.login),
            error: wrong,
            autocomplete: "off",
            is_first: true,
            ..Field::default()
        }.show(text))
        div.row {
            button.danger type="submit" { (says.delete_button) }
            a href=(one) { (says.cancel) }
        }
    };
    let title = (says.delete_title)(&user.login);
    let body = html! {
        h1 { (title) }
        p.warning { (says.delete_lead) }
        (call.shell.form(&format!("{one}/delete"), "stack", &fields))
    };
    call.shell.answer(status, &title, &body)
}

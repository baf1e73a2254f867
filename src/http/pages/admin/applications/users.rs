//! The users of an application: who is connected, by name or with a setting of their own, and
//! whether they get tokens for it.

use std::collections::HashMap;

use actix_web::http::StatusCode;
use maud::{Markup, html};

use super::{find, path};
use crate::domain::application_users::{self, NewConnection};
use crate::domain::{DomainError, Reading, everybody, users};
use crate::http::pages::admin::list_offers;
use crate::http::pages::admin::users::HERE as USERS;
use crate::http::pages::notice::Notice;
use crate::http::pages::parts::{Field, Table, list_address, pager, search_form};
use crate::http::pages::{PageCall, PageError, PageResult};
use crate::model::application::{Application, ConnectedUser};
use crate::model::ids::{UserId, UserListId};

/// `GET /console/admin/applications/{id}/users`
pub async fn list(call: PageCall) -> PageResult {
    let application = find(&call).await?;
    show(&call, StatusCode::OK, &application, "", None).await
}

/// `POST /console/admin/applications/{id}/users`
pub async fn connect(call: PageCall) -> PageResult {
    let application = find(&call).await?;
    let id = application.id;
    let login = call.form.value("login")?.trim().to_owned();
    let asked = login.clone();
    let connected = call.write(move |c, act, _| {
        let user = match users::find_by_login(c, &asked) {
            Err(DomainError::NotFound(_)) => return Ok(Err(true)),
            found => found?,
        };
        let new = NewConnection {
            user_list: user.user_list_id,
            user: user.id,
            presentation: user.presentation,
        };
        match application_users::connect(c, act, id, new) {
            Err(DomainError::AlreadyExists(_)) => Ok(Err(false)),
            done => Ok(Ok(done?)),
        }
    });
    let says = &call.text().applications;
    let wrong = match connected.await? {
        Ok(user) => {
            let notice = Notice::ApplicationUserChanged;
            return call.done(&path(id, "users"), notice, &user.presentation);
        }
        Err(true) => says.no_such_user,
        Err(false) => says.cannot_connect,
    };
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    show(&call, status, &application, &login, Some(wrong)).await
}

/// `POST /console/admin/applications/{id}/users/token-access`
pub async fn token_access(call: PageCall) -> PageResult {
    let application = find(&call).await?;
    let (id, who) = (application.id, who(&call)?);
    let enable = match call.form.value("enable")? {
        "yes" => true,
        "no" => false,
        _ => return Err(PageError::FormMalformed),
    };
    let changed = call
        .write(move |c, act, _| application_users::change_token_access(c, act, id, who, enable));
    let user = changed.await?;
    let notice = Notice::ApplicationUserChanged;
    call.done(&path(id, "users"), notice, &user.presentation)
}

/// `POST /console/admin/applications/{id}/users/disconnect`
pub async fn disconnect(call: PageCall) -> PageResult {
    let application = find(&call).await?;
    let (id, who) = (application.id, who(&call)?);
    call.write(move |c, act, _| application_users::disconnect(c, act, id, who))
        .await?;
    let name = &application.display_name;
    call.done(&path(id, "users"), Notice::ApplicationChanged, name)
}

fn who(call: &PageCall) -> Result<(UserListId, UserId), PageError> {
    let list = UserListId::parse(call.form.value("user_list")?);
    let user = UserId::parse(call.form.value("user")?);
    list.zip(user).ok_or(PageError::FormMalformed)
}

async fn show(
    call: &PageCall,
    status: StatusCode,
    application: &Application,
    typed: &str,
    wrong: Option<&str>,
) -> PageResult {
    let (window, search, id) = (call.window()?, call.search()?, application.id);
    let asked = search.clone();
    let reading = Reading::list(asked.as_deref());
    let found = call.read_as(reading, move |c, authority| {
        application_users::list(c, authority, id, asked, window)
    });
    let (found, total) = found.await?;
    let ids: Vec<UserId> = found.iter().map(|user| user.user_id).collect();
    let logins = call.read(move |c, authority| everybody::logins(c, authority, &ids));
    let logins = logins.await?;
    let lists = found.iter().map(|user| user.user_list_id).collect();
    let lists = list_offers::names(call, lists).await?;
    let text = call.text();
    let says = &text.applications;
    let here = path(id, "users");
    let fields = html! {
        (Field {
            name: "login",
            label: says.login,
            hint: says.login_hint,
            value: typed,
            error: wrong,
            autocomplete: "off",
            ..Field::default()
        }.show(text))
        div { button.main type="submit" { (says.connect) } }
    };
    let title = (says.users_title)(&application.display_name);
    let body = html! {
        p.back { a href=(path(id, "")) { "← " (application.display_name) } }
        h1 { (title) }
        p.lead { (says.users_lead) }
        div.bar { (search_form(text, says.search_users, search.as_deref(), &here)) }
        @if found.is_empty() {
            p { (if search.is_none() { says.no_users } else { says.nothing_found }) }
        } @else {
            (table(call, application, &found, &logins, &lists))
        }
        (pager(text, &list_address(&here, search.as_deref()), window, total))
        @if application.deleted_at.is_none() {
            h2 { (says.connect_user) }
            (call.shell.form(&here, "inline", &fields))
        }
    };
    Ok(call.shell.answer(status, &title, &body))
}

fn table(
    call: &PageCall,
    application: &Application,
    found: &[ConnectedUser],
    logins: &HashMap<String, String>,
    lists: &[String],
) -> Markup {
    let says = &call.text().applications;
    let columns = [
        says.user,
        says.login,
        says.user_list,
        says.connected,
        says.token_access,
        says.act,
    ];
    let mut table = Table::new(says.users, &columns);
    for (user, list) in found.iter().zip(lists) {
        let login = logins.get(&user.user_id.to_string());
        let (class, word) = match user.token_access {
            true => ("badge good", says.has_access),
            false => ("badge bad", says.has_none),
        };
        table.row(vec![
            html! { a href={ (USERS) "/" (user.user_id) } { (user.presentation) } },
            html! { @if let Some(login) = login { code { (login) } } },
            html! { (list) },
            html! { (if user.by_name { says.by_name } else { says.through_list }) },
            html! { span class=(class) { (word) } },
            html! { @if application.deleted_at.is_none() { (buttons(call, application, user)) } },
        ]);
    }
    table.show()
}

fn buttons(call: &PageCall, application: &Application, user: &ConnectedUser) -> Markup {
    let says = &call.text().applications;
    let who = html! {
        input type="hidden" name="user_list" value=(user.user_list_id);
        input type="hidden" name="user" value=(user.user_id);
    };
    let (value, word) = match user.token_access {
        true => ("no", says.take_access),
        false => ("yes", says.give_access),
    };
    let access = html! {
        (who)
        input type="hidden" name="enable" value=(value);
        button type="submit" { (word) }
    };
    let end = html! { (who) button type="submit" { (says.disconnect) } };
    html! {
        div.row {
            (call.shell.form(&path(application.id, "users/token-access"), "", &access))
            (call.shell.form(&path(application.id, "users/disconnect"), "", &end))
        }
    }
}

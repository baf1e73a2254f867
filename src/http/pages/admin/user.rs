//! `/console/admin/users/{id}`: one user, and what can be done with them.

use maud::{Markup, html};

use super::user_acts::is_own;
use super::users::{HERE, role, state};
use crate::domain::everybody;
use crate::domain::users::{self, UserDetails};
use crate::http::pages::parts::time;
use crate::http::pages::{PageCall, PageError, PageResult};
use crate::model::ids::UserId;
use crate::model::user::User;

/// The user that the path means.
pub async fn find(call: &PageCall) -> Result<User, PageError> {
    let id = call.id("id", UserId::parse)?;
    call.read(move |c, authority| everybody::find(c, authority, id))
        .await
}

pub async fn show(call: PageCall) -> PageResult {
    let id = call.id("id", UserId::parse)?;
    let found = call.read(move |c, authority| {
        let user = everybody::find(c, authority, id)?;
        let found = users::details(c, authority, vec![user])?.pop();
        found.ok_or_else(|| crate::domain::DomainError::Internal("a user got lost".to_owned()))
    });
    let UserDetails {
        user,
        keys,
        second_factor,
    } = found.await?;
    let text = call.text();
    let says = &text.admin.users;
    let fact = |name: &str, value: Markup| html! { div { dt { (name) } dd { (value) } } };
    let body = html! {
        p.back { a href=(HERE) { "← " (says.title) } }
        h1 { (user.login) " " (state(text, &user)) }
        dl.facts.card {
            (fact(says.name, html! { (user.presentation) }))
            (fact(says.role, html! { (role(text, user.role)) }))
            @if let Some(email) = &user.email { (fact(says.email, html! { (email) })) }
            @if let Some(phone) = &user.phone { (fact(says.phone, html! { (phone) })) }
            (fact(says.list, html! { code { (user.user_list_id) } }))
            (fact(says.created, time(user.created_at)))
        }
        h2 { (says.acts) }
        (acts(&call, &user, second_factor))
        h2 { (says.keys) }
        @if keys.is_empty() { p.muted { (says.no_keys) } }
        ul {
            @for (id, name) in &keys { li { (name) " " code { (id) } } }
        }
    };
    call.answer(&user.login, &body)
}

fn acts(call: &PageCall, user: &User, has_second_factor: bool) -> Markup {
    let says = &call.text().admin.users;
    let profile = &call.text().account.profile;
    let path = |act: &str| format!("{HERE}/{}/{act}", user.id);
    let button = |act: &str, class: &str, label: &str, hint: &str| {
        html! {
            li {
                (call.shell.form(&path(act), "", &html! {
                    (call.once_field())
                    button class=(class) type="submit" { (label) }
                }))
                p.hint { (hint) }
            }
        }
    };
    html! {
        ul.ways {
            li { a.button href=(path("edit")) { (says.edit) } }
            @if user.disabled.is_some() {
                (button("enable", "", says.enable, says.enable_hint))
            } @else {
                (button("disable", "", says.disable, says.disable_hint))
            }
            @if is_own(call, user) {
                li { a href="/console/profile/password" { (profile.password) } }
                li { a href="/console/profile/second-factor" { (profile.second_factor) } }
            } @else {
                (button("password", "", says.reset_password, says.reset_password_hint))
                @if has_second_factor {
                    (button("second-factor", "", says.reset_factor, says.reset_factor_hint))
                }
            }
            (button("sign-out", "", says.sign_out, says.sign_out_hint))
            li {
                a.button.danger href=(path("delete")) { (says.delete) }
                p.hint { (says.delete_hint) }
            }
        }
    }
}

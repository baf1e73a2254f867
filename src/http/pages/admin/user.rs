//! `/console/admin/users/{id}`: one user, and what can be done with them.

use maud::{Markup, html};

use super::user_acts::is_own;
use super::user_lists::HERE as LISTS;
use super::users::{HERE, role, state};
use crate::domain::users::{self, UserDetails};
use crate::domain::{DomainError, everybody, user_lists};
use crate::http::pages::parts::{act, time};
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
        let list = user_lists::find(c, authority, user.user_list_id)?;
        let found = users::details(c, authority, vec![user])?.pop();
        let lost = || DomainError::Internal("a user got lost".to_owned());
        Ok((found.ok_or_else(lost)?, list))
    });
    let (found, list) = found.await?;
    let UserDetails {
        user,
        keys,
        second_factor,
    } = found;
    let text = call.text();
    let says = &text.admin.users;
    let fact = |name: &str, value: Markup| html! { div { dt { (name) } dd { (value) } } };
    let body = html! {
        p.back { a href=(HERE) { "← " (says.title) } }
        div.title {
            h1 { (user.login) " " (state(text, &user)) }
            a.button href={ (HERE) "/" (user.id) "/edit" } { (says.edit) }
        }
        dl.facts.pairs.card {
            (fact(says.name, html! { (user.presentation) }))
            (fact(says.role, html! { (role(text, user.role)) }))
            @if let Some(email) = &user.email { (fact(says.email, html! { (email) })) }
            @if let Some(phone) = &user.phone { (fact(says.phone, html! { (phone) })) }
            (fact(says.list, html! {
                a href={ (LISTS) "/" (list.id) } { (list.presentation) }
            }))
            (fact(says.created, time(user.created_at)))
            @if let Some(end) = user.password_ends_at {
                (fact(says.password_ends, time(end)))
            }
        }
        h2 { (says.keys) }
        @if keys.is_empty() { p.muted { (says.no_keys) } }
        @else {
            ul.may.card {
                @for (id, name) in &keys { li { span { (name) } code { (id) } } }
            }
        }
        h2 { (says.acts) }
        (acts(&call, &user, second_factor))
    };
    call.answer(&user.login, &body)
}

fn acts(call: &PageCall, user: &User, has_second_factor: bool) -> Markup {
    let says = &call.text().admin.users;
    let profile = &call.text().account.profile;
    let path = |act: &str| format!("{HERE}/{}/{act}", user.id);
    let button = |name: &str, label: &str, hint: &str| {
        act(name, hint, |about| {
            call.shell.form(
                &path(name),
                "",
                &html! {
                    (call.once_field())
                    button type="submit" aria-describedby=(about) { (label) }
                },
            )
        })
    };
    html! {
        ul.acts {
            @if is_own(call, user) {
                (act("password", profile.password_hint, |about| html! {
                    a.button href="/console/profile/password" aria-describedby=(about) {
                        (profile.password)
                    }
                }))
                (act("second-factor", profile.second_factor_hint, |about| html! {
                    a.button href="/console/profile/second-factor" aria-describedby=(about) {
                        (profile.second_factor)
                    }
                }))
            } @else {
                (button("password", says.reset_password, says.reset_password_hint))
                @if has_second_factor {
                    (button("second-factor", says.reset_factor, says.reset_factor_hint))
                }
            }
            (button("sign-out", says.sign_out, says.sign_out_hint))
            @if user.disabled.is_some() {
                (button("enable", says.enable, says.enable_hint))
            } @else {
                (button("disable", says.disable, says.disable_hint))
            }
            (act("delete", says.delete_hint, |about| html! {
                a.button.danger href=(path("delete")) aria-describedby=(about) { (says.delete) }
            }))
        }
    }
}

//! `GET /console/profile`: who is signed in, and the way to everything of theirs.

use maud::{Markup, html};

use super::parts::time;
use super::{PageCall, PageResult, Visit};
use crate::model::scope::Role;

/// `GET /`: to the console.
pub async fn console(visit: Visit) -> PageResult {
    visit.lead("/console")
}

/// `GET /console`: to the profile.
pub async fn start(visit: Visit) -> PageResult {
    visit.lead("/console/profile")
}

pub async fn profile(call: PageCall) -> PageResult {
    let text = &call.text().account.profile;
    let keys = &call.text().clients.keys;
    let user = &call.signed_in.user;
    let role = match user.role {
        Role::Administrator => text.administrator,
        Role::Member => text.member,
    };
    let body = html! {
        h1 { (text.title) }
        dl.facts.pairs.card {
            (fact(text.name, &html! { (user.presentation) }))
            (fact(text.login, &html! { (user.login) }))
            @if let Some(email) = &user.email { (fact(text.email, &html! { (email) })) }
            @if let Some(phone) = &user.phone { (fact(text.phone, &html! { (phone) })) }
            (fact(text.role, &html! { (role) }))
            (fact(text.signed_in_at, &time(call.signed_in.session.created_at)))
        }
        ul.ways {
            (way("/console/profile/keys", keys.title, keys.lead))
        }
        h2 { (text.security) }
        ul.ways {
            (way("/console/profile/password", text.password, text.password_hint))
            (way("/console/profile/second-factor", text.second_factor, text.second_factor_hint))
            (way("/console/profile/sessions", text.sessions, text.sessions_hint))
        }
    };
    call.answer(text.title, &body)
}

fn fact(name: &str, value: &Markup) -> Markup {
    html! { div { dt { (name) } dd { (value) } } }
}

fn way(to: &str, name: &str, hint: &str) -> Markup {
    html! { li { a href=(to) { (name) } p.hint { (hint) } } }
}

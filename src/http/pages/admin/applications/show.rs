//! One application's own page.

use actix_web::http::StatusCode;
use maud::{Markup, html};

use super::change::ACTS;
use super::{HERE, connect, find, path, scopes, status};
use crate::domain::application_uris;
use crate::http::pages::admin::list_offers::{self, Offers};
use crate::http::pages::clients::place::Place;
use crate::http::pages::parts::{act, copied, time};
use crate::http::pages::{PageCall, PageResult};
use crate::model::application::Application;

/// What is wrong with the forms of the page.
#[derive(Clone, Default, Debug)]
pub struct Wrong {
    /// The scope's name and description, as they were typed.
    pub scope: Option<(String, String)>,
    pub list: bool,
}

/// `GET /console/admin/applications/{id}`
pub async fn show(call: PageCall) -> PageResult {
    answer(&call, StatusCode::OK, &Wrong::default()).await
}

/// The page as things stand now.
pub async fn answer(call: &PageCall, code: StatusCode, wrong: &Wrong) -> PageResult {
    let application = find(call).await?;
    let offers = Offers::read(call).await?;
    let names = list_offers::names(call, application.user_lists.clone()).await?;
    let id = application.id;
    let left = call.read(move |c, authority| application_uris::clients_of_former(c, authority, id));
    let left = left.await?;
    let text = call.text();
    let says = &text.applications;
    let name = &application.display_name;
    let body = html! {
        p.back { a href=(HERE) { "← " (says.title) } }
        div.title {
            h1 { (name) " " (status(text, &application)) }
            @if application.deleted_at.is_none() {
                a.button href=(path(application.id, "edit")) { (says.edit) }
            }
        }
        (facts(call, &application))
        @if application.deleted_at.is_none() && !left.is_empty() {
            h2 { (says.former_uri_clients) }
            p.hint.above { (says.former_uri_clients_hint) }
            ul {
                @for client in &left {
                    li { a href=(Place::Services.path(&client.id, "")) { (client.name) } }
                }
            }
        }
        (connect::part(call, &application, &names, &offers, wrong))
        div.title {
            h2 { (says.users) }
            a.button href=(path(application.id, "users")) { (says.all_users) }
        }
        p.hint.above { (says.users_lead) }
        (scopes::part(call, &application, wrong))
        @if application.deleted_at.is_none() {
            h2 { (says.acts) }
            (acts(call, &application))
        }
    };
    Ok(call.shell.answer(code, name, &body))
}

fn facts(call: &PageCall, application: &Application) -> Markup {
    let text = call.text();
    let says = &text.applications;
    let fact = |name: &str, value: Markup| html! { div { dt { (name) } dd { (value) } } };
    html! {
        dl.facts.pairs.card {
            (fact(says.uri, copied(text, "uri", &application.uri)))
            (fact(says.name, html! { code { (application.name) } }))
            @if !application.description.is_empty() {
                (fact(says.description, html! { (application.description) }))
            }
            (fact(says.created, time(application.created_at)))
            @if let Some(at) = application.deleted_at { (fact(says.deleted, time(at))) }
        }
    }
}

fn acts(call: &PageCall, application: &Application) -> Markup {
    let says = &call.text().applications;
    let id = application.id;
    let possible = ACTS
        .into_iter()
        .filter(|act| act.from(application.status).is_some());
    html! {
        ul.acts {
            (act("status", says.status_hint, |about| html! {
                div.row {
                    @for possible in possible {
                        (call.shell.form(&path(id, "status"), "", &html! {
                            input type="hidden" name="act" value=(possible.as_str());
                            button type="submit" aria-describedby=(about) { ((says.act_of)(possible)) }
                        }))
                    }
                }
            }))
            (act("delete", says.delete_hint, |about| html! {
                a.button.danger href=(path(id, "delete")) aria-describedby=(about) { (says.delete) }
            }))
        }
    }
}

//! One application's own page.

use actix_web::http::StatusCode;
use maud::{Markup, html};

use super::change::ACTS;
use super::{HERE, connect, find, offers, path, scopes, status};
use crate::http::pages::parts::{copied, time};
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
    let lists = offers::lists(call).await?;
    let text = call.text();
    let says = &text.applications;
    let name = &application.display_name;
    let body = html! {
        p.back { a href=(HERE) { "← " (says.title) } }
        h1 { (name) " " (status(text, &application)) }
        (facts(call, &application))
        (connect::part(call, &application, &lists, wrong))
        h2 { (says.users) }
        p { (says.users_lead) " " a href=(path(application.id, "users")) { (says.all_users) } }
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
        dl.facts.card {
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
        ul.ways {
            li { a.button href=(path(id, "edit")) { (says.edit) } }
            @for act in possible {
                li {
                    (call.shell.form(&path(id, "status"), "", &html! {
                        input type="hidden" name="act" value=(act.as_str());
                        button type="submit" { ((says.act_of)(act)) }
                    }))
                    p.hint { (says.status_hint) }
                }
            }
            li {
                a.button.danger href=(path(id, "delete")) { (says.delete) }
                p.hint { (says.delete_hint) }
            }
        }
    }
}

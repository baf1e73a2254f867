//! One access key's or service client's own page.

use maud::{Markup, html};

use super::chart::chart;
use super::offers::Offers;
use super::place::{Place, client_id};
use super::shown::{copied, expiry, last_use, secret_name, state};
use crate::domain::audit;
use crate::domain::clients::{self, ClientDetails, EXPIRED_KEPT};
use crate::domain::offers::Offer;
use crate::domain::uses;
use crate::http::pages::actors::Actors;
use crate::http::pages::parts::{Table, act, time};
use crate::http::pages::{PageCall, PageResult};
use crate::model::audit::{ActorKind, RecordedEvent};
use crate::model::client::Client;
use crate::model::page::Window;
use crate::model::uses::Uses;

/// How many events are shown.
const EVENTS: i64 = 20;

pub async fn show(call: PageCall, place: Place) -> PageResult {
    let (id, now) = (client_id(&call)?, call.now);
    let read = call.read(move |c, authority| {
        let client = place.find(c, authority, &id)?;
        let uses = uses::of(c, &client.id)?;
        let window = Window::Page {
            number: 0,
            size: EVENTS,
        };
        let events = audit::list_of_client(c, authority, &client.id, window)?;
        let actors = Actors::of(c, authority, &events)?;
        let offers = Offers::read(c, authority, place, Some(&client))?;
        Ok((clients::one(c, client, now)?, uses, events, actors, offers))
    });
    let (of, uses, events, actors, offers) = read.await?;
    let text = call.text();
    let says = &text.clients.one;
    let name = of.client.name.clone();
    let body = html! {
        p.back { a href=(place.base()) { "← " (place.kind(text).title) } }
        div.title {
            h1 { (name) " " (state(text, &of.client, call.now)) }
            a.button href=(place.path(&of.client.id, "edit")) { (says.edit) }
        }
        (facts(&call, place, &of))
        h2 { (says.may) }
        (may(&call, &of.client, uses.as_ref(), &offers))
        div.title {
            h2 { (says.secrets) }
            a.button href=(place.path(&of.client.id, "rotate")) aria-describedby="about-rotate" {
                (says.rotate)
            }
        }
        p.hint.above #about-rotate { (says.rotate_hint) }
        (secrets(&call, place, &of))
        h2 { (says.chart) }
        (chart(text, &uses.map(|uses| uses.per_day(call.now.day())).unwrap_or_default()))
        h2 { (says.events) }
        (recent(&call, &events, &actors))
        h2 { (says.acts) }
        (acts(&call, place, &of.client))
    };
    call.answer(&name, &body)
}

fn facts(call: &PageCall, place: Place, of: &ClientDetails) -> Markup {
    let text = call.text();
    let (list, says) = (&text.clients.list, &text.clients.one);
    let client = &of.client;
    let fact = |name: &str, value: Markup| html! { div { dt { (name) } dd { (value) } } };
    let is_expired = client.expires_at.is_some_and(|at| at <= call.now);
    html! {
        dl.facts.pairs.card {
            (fact(list.client_id, copied(text, "client-id", list.client_id, client.id.as_str())))
            @if !client.description.is_empty() {
                (fact(text.clients.form.description, html! { (client.description) }))
            }
            (fact(list.created, time(client.created_at)))
            (fact(list.expires, html! {
                (expiry(text, client))
                @if is_expired { " " span.muted { ((says.expired_kept)(EXPIRED_KEPT / 86_400)) } }
            }))
            (fact(list.last_used, last_use(text, of.last_used)))
            (fact(says.networks, html! {
                @if client.allowed_networks.is_empty() { (says.any_network) }
                @for network in client.allowed_networks.iter() { code { (network) } " " }
            }))
            @if client.provisions_users {
                (fact(text.clients.form.people, html! { (text.clients.form.provisions_users) }))
            }
            @if place == Place::Services {
                (fact(says.audiences, html! {
                    @if client.audiences.is_empty() { (list.no_scope) }
                    @for uri in &client.audiences { code { (uri) } br; }
                }))
                (fact(text.clients.form.default_audience, html! {
                    @match &client.default_audience {
                        Some(uri) => { code { (uri) } @if !client.audiences.contains(uri) {
                            " " span.muted { (says.default_not_listed) }
                        } }
                        None if client.scope.is_empty() => { (says.no_default) }
                        None => { (says.default_is_console) }
                    }
                }))
                (fact(says.lifetime, html! { ((says.seconds)(client.lifetime)) }))
            }
        }
    }
}

fn may(call: &PageCall, client: &Client, uses: Option<&Uses>, offers: &Offers) -> Markup {
    let text = call.text();
    let says = &text.clients.one;
    let never = match uses {
        Some(uses) => uses.never_used(client.scope),
        None => client.scope,
    };
    html! {
        @if client.scope.is_empty() { p { (says.may_nothing) } }
        @if !client.scope.is_empty() || !client.application_scopes.is_empty() {
            ul.may.card {
                @for scope in client.scope.iter() {
                    li {
                        code { (scope.as_str()) }
                        span { ((text.clients.sentence)(scope)) }
                    }
                }
                @for (id, names) in client.application_scopes.iter() {
                    @let at = offers.applications.iter().find(|offer| offer.id == id);
                    @for name in names { (may_there(call, name, at)) }
                }
            }
        }
        @if !client.scope.is_empty() {
            @if never.is_empty() { p.muted { (says.used_all) } }
            @else { p.muted { ((says.never_used)(&never.to_string())) } }
        }
    }
}

/// A scope of an application, with what that says of it.
fn may_there(call: &PageCall, name: &str, at: Option<&Offer>) -> Markup {
    let there = at.map(|offer| (call.text().clients.form.application_scopes)(&offer.display_name));
    let scope = at.and_then(|offer| offer.scopes.iter().find(|scope| scope.name == name));
    let description = scope.map(|scope| scope.description.as_str());
    html! {
        li {
            code { (name) }
            span {
                (there.unwrap_or_default())
                @if let Some(description) = description.filter(|text| !text.is_empty()) {
                    ": " (description)
                }
            }
        }
    }
}

fn secrets(call: &PageCall, place: Place, of: &ClientDetails) -> Markup {
    let text = call.text();
    let (list, says) = (&text.clients.list, &text.clients.one);
    let caption = says.secrets;
    let mut table = Table::new(
        caption,
        &[
            says.secret,
            says.created,
            says.ends,
            says.last_used,
            says.act,
        ],
    );
    for secret in &of.secrets {
        let is_older = of.is_older(secret);
        table.row(vec![
            secret_name(text, of, secret, call.now),
            time(secret.created_at),
            match secret.expires_at {
                Some(ends_at) => time(ends_at),
                None => html! { (list.never) },
            },
            last_use(text, secret.last_used),
            html! {
                @if is_older {
                    @let path = place.path(&of.client.id, &format!("secrets/{}/remove", secret.id));
                    (call.shell.form(&path, "", &html! {
                        button type="submit" { (says.remove) }
                    }))
                }
            },
        ]);
    }
    table.show()
}

fn acts(call: &PageCall, place: Place, client: &Client) -> Markup {
    let text = call.text();
    let says = &text.clients.one;
    let path = |act: &str| place.path(&client.id, act);
    let button = |name: &str, class: &str, label: &str, hint: &str| {
        act(name, hint, |about| {
            call.shell.form(
                &path(name),
                "",
                &html! {
                    button class=(class) type="submit" aria-describedby=(about) { (label) }
                },
            )
        })
    };
    let locked = place.owner().is_some()
        && client
            .disabled
            .is_some_and(|disabled| disabled.by == ActorKind::Administrator)
        && !call.is_administrator();
    html! {
        ul.acts {
            @if locked { li { p.hint { (says.only_administrator) } } }
            @else if client.disabled.is_some() {
                (button("enable", "", says.enable, says.enable_hint))
            } @else {
                (button("disable", "", says.disable, says.disable_hint))
            }
            (button("cut-off", "danger", says.cut_off, says.cut_off_hint))
            (act("delete", says.delete_hint, |about| html! {
                a.button.danger href=(path("delete")) aria-describedby=(about) { (says.delete) }
            }))
        }
    }
}

fn recent(call: &PageCall, events: &[RecordedEvent], actors: &Actors) -> Markup {
    let says = &call.text().clients.one;
    if events.is_empty() {
        return html! { p.muted { (says.no_events) } };
    }
    let mut table = Table::new(says.events, &[says.when, says.what, says.by]);
    for event in events {
        let what = (says.event)(&event.kind).unwrap_or(&event.kind);
        let detail = |name: &str| event.details.get(name).and_then(|value| value.as_str());
        let reason = detail("reason").map(|reason| (says.reason)(reason).unwrap_or(reason));
        let from = detail("peer").or_else(|| detail("from"));
        table.row(vec![
            time(event.at),
            html! {
                (what)
                @if let Some(reason) = reason { ": " (reason) }
                @if let Some(from) = from {
                    " " span.muted { ((call.text().clients.list.from)(from)) }
                }
            },
            html! {
                @if let Some(login) = actors.actor(&event.actor) { (login) }
                @else { code { (event.actor) } }
            },
        ]);
    }
    table.show()
}

//! Clients as pages show them: state, times, what can be copied.

use maud::{Markup, html};

use crate::domain::clients::{ClientDetails, SecretDetails};
use crate::http::pages::parts::time;
use crate::http::pages::text::Text;
use crate::model::audit::ActorKind;
use crate::model::client::Client;
use crate::model::timestamp::Timestamp;
use crate::model::uses::LastUse;

/// How long before its end a client is said to end soon, in seconds.
const SOON: i64 = 7 * 24 * 3600;

/// Whether a client works now, and why not.
pub fn state(text: &Text, client: &Client, now: Timestamp) -> Markup {
    let list = &text.clients.list;
    let expires_within = |seconds| {
        client
            .expires_at
            .is_some_and(|at| at <= now.plus_seconds(seconds))
    };
    let (class, word) = match client.disabled {
        Some(disabled) if disabled.by == ActorKind::Administrator => {
            ("badge bad", list.disabled_by_administrator)
        }
        Some(_) => ("badge bad", list.disabled),
        None if expires_within(0) => ("badge bad", list.expired),
        None if expires_within(SOON) => ("badge warn", list.expires_soon),
        None => ("badge good", list.active),
    };
    html! { span class=(class) { (word) } }
}

/// When it ends.
pub fn expiry(text: &Text, client: &Client) -> Markup {
    match client.expires_at {
        Some(at) => time(at),
        None => html! { (text.clients.list.never) },
    }
}

/// When and from where something was last used.
pub fn last_use(text: &Text, last: Option<LastUse>) -> Markup {
    match last {
        Some(last) => html! {
            (time(last.at)) " " span.from.muted { ((text.clients.list.from)(&last.from.to_string())) }
        },
        None => html! { span.muted { (text.clients.list.not_yet) } },
    }
}

/// Which of a client's secrets it is, and whether it can go.
pub fn secret_name(
    text: &Text,
    of: &ClientDetails,
    secret: &SecretDetails,
    now: Timestamp,
) -> Markup {
    let says = &text.clients.one;
    html! {
        @if of.is_older(secret) { (says.older) } @else { (says.newest) }
        @if of.is_safe_to_remove(secret, now) { " " span.badge.good { (says.safe) } }
    }
}

/// When and from where a client was last used; while two secrets live, each of them.
pub fn last_uses(text: &Text, of: &ClientDetails, now: Timestamp) -> Markup {
    if of.secrets.len() < 2 {
        return last_use(text, of.last_used);
    }
    html! {
        @for secret in &of.secrets {
            div { (secret_name(text, of, secret, now)) ":" br; (last_use(text, secret.last_used)) }
        }
    }
}

/// What a client may do, as the names on the wire.
pub fn scopes(text: &Text, of: &ClientDetails) -> Markup {
    let client = &of.client;
    let own = client.application_scopes.iter();
    let own: Vec<&str> = own
        .flat_map(|(_, names)| names.iter().map(String::as_str))
        .collect();
    html! {
        @if client.scope.is_empty() && own.is_empty() {
            span.muted { (text.clients.list.no_scope) }
        }
        @for scope in client.scope.iter() { code { (scope.as_str()) } " " }
        @for name in own { code { (name) } " " }
    }
}

/// A value that one click copies. `id` is unique in the page, `what` is what the value is called.
pub fn copied(text: &Text, id: &str, what: &str, value: &str) -> Markup {
    let list = &text.clients.list;
    html! {
        span.copy {
            code id=(id) { (value) }
            (copy_button(text, id, &(list.copy_what)(what)))
        }
    }
}

/// Shown by the script, without which it could do nothing.
pub fn copy_button(text: &Text, id: &str, label: &str) -> Markup {
    let list = &text.clients.list;
    html! {
        button.quiet type="button" hidden data-copy=(id) data-copied=(list.copied)
            aria-label=(label) { (list.copy) }
    }
}

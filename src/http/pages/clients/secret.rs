//! The one answer that shows a secret, and what a repeat of its form gets instead.

use actix_web::http::StatusCode;
use maud::html;

use super::place::Place;
use super::shown::{copied, copy_button};
use crate::http::pages::{PageCall, PageResult};
use crate::model::ids::ClientId;
use crate::model::secret::Secret;

pub fn show(
    call: &PageCall,
    place: Place,
    title: &str,
    id: &ClientId,
    secret: &Secret,
) -> PageResult {
    let text = call.text();
    let says = &text.clients.secret;
    let (id_text, secret) = (id.as_str(), secret.expose());
    let url = call.app.public_url.issuer();
    let curl = format!(
        "curl -u '{id_text}:{secret}' -d grant_type=client_credentials {url}/console/sys/token"
    );
    let environment = format!(
        "export MINTMARK_CLIENT_ID='{id_text}'\n\
         export MINTMARK_CLIENT_SECRET='{secret}'\n\
         export MINTMARK_TOKEN_URL='{url}/console/sys/token'"
    );
    let block = |id: &str, name: &str, value: &str| {
        html! {
            div.block {
                div.row {
                    h2 { (name) }
                    (copy_button(text, id, &(text.clients.list.copy_what)(name)))
                }
                pre id=(id) tabindex="0" { (value) }
            }
        }
    };
    let body = html! {
        h1 { (title) }
        p.warning role="status" { (says.once) }
        dl.facts.card {
            div { dt { (says.client_id) } dd { (copied(text, "client-id", says.client_id, id_text)) } }
            div { dt { (says.client_secret) } dd { (copied(text, "client-secret", says.client_secret, secret)) } }
        }
        (block("curl", says.curl, &curl))
        (block("environment", says.environment, &environment))
        p { a.button.main href=(place.path(id, "")) { (says.done) } }
    };
    call.answer(title, &body)
}

/// The form was sent before: nothing is made, and nothing shown.
pub fn already(call: &PageCall, back: &str, label: &str) -> PageResult {
    let text = call.text();
    let says = &text.clients.secret;
    let body = html! {
        h1 { (says.again_title) }
        p { (says.again) }
        p { (says.again_lost) }
        p { a.button href=(back) { (label) } }
    };
    Ok(call
        .shell
        .answer(StatusCode::CONFLICT, says.again_title, &body))
}

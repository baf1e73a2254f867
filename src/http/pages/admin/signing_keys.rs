//! `/console/admin/signing-keys`: the keys that sign, to be looked at.

use maud::html;

use crate::domain::signing_keys;
use crate::http::pages::parts::{Table, time};
use crate::http::pages::{PageCall, PageResult};
use crate::model::signing_key::SigningKeyState;

pub async fn list(call: PageCall) -> PageResult {
    let keys = call.read(signing_keys::list).await?;
    let says = &call.text().admin.signing_keys;
    let mut table = Table::new(
        says.title,
        &[
            says.kid,
            says.state,
            says.bits,
            says.published,
            says.activated,
        ],
    );
    for key in &keys {
        table.row(vec![
            html! { code { (key.kid) } },
            match key.state {
                SigningKeyState::Active => html! { span.badge.good { (says.active) } },
                SigningKeyState::Next => html! { span.badge { (says.next) } },
            },
            html! { (key.bits) },
            time(key.published_at),
            match key.activated_at {
                Some(at) => time(at),
                None => html! { span.muted { (says.not_yet) } },
            },
        ]);
    }
    let body = html! {
        h1 { (says.title) }
        p.lead { (says.lead) }
        (table.show())
    };
    call.answer(says.title, &body)
}

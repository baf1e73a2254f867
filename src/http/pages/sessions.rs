//! `/console/profile/sessions`: where somebody is signed in, and signing out there.

use maud::{Markup, html};

use super::cookies::Cookie;
use super::notice::Notice;
use super::parts::{Table, pager, time};
use super::sign_in::set;
use super::text::Text;
use super::{PageCall, PageResult};
use crate::domain::{half_sign_ins, sessions};
use crate::model::ids::SessionId;
use crate::model::session::HalfSignIn;

const HERE: &str = "/console/profile/sessions";

/// `GET /console/profile/sessions`
pub async fn list(call: PageCall) -> PageResult {
    let (user, now) = (call.signed_in.user.id, call.now);
    let window = call.window()?;
    let read = call.read(move |c, _| {
        let found = sessions::list(c, user, window, now)?;
        Ok((found, half_sign_ins::list(c, user, now)?))
    });
    let ((found, total), halves) = read.await?;
    let text = &call.text().account.sessions;
    let mut table = Table::new(
        text.title,
        &[
            text.browser,
            text.address,
            text.signed_in,
            text.last_seen,
            text.act,
        ],
    );
    for session in &found {
        let is_this = session.id == call.signed_in.session.id;
        let end = format!("{HERE}/{}/end", session.id);
        table.row(vec![
            html! {
                (browser(call.text(), &session.agent))
                @if is_this { " " span.badge { (text.this_one) } }
            },
            html! { (session.peer) },
            time(session.created_at),
            time(session.last_seen_at),
            html! {
                @if !is_this {
                    (call.shell.form(&end, "", &html! {
                        button type="submit" { (text.end) }
                    }))
                }
            },
        ]);
    }
    let body = html! {
        h1 { (text.title) }
        p.lead { (text.lead) }
        (table.show())
        (pager(call.text(), "/console/profile/sessions?", window, total))
        @if !halves.is_empty() { (half_part(call.text(), &halves)) }
        (call.shell.form("/console/profile/sessions/end", "row", &html! {
            button.danger type="submit" aria-describedby="end-all" { (text.end_all) }
            p.hint #end-all { (text.end_all_hint) }
        }))
    };
    call.answer(text.title, &body)
}

/// Right passwords that no right code followed.
fn half_part(all: &Text, halves: &[HalfSignIn]) -> Markup {
    let text = &all.account.sessions;
    let mut table = Table::new(text.half, &[text.browser, text.address, text.half_at]);
    for half in halves {
        table.row(vec![
            html! { (browser(all, &half.agent)) },
            html! { (half.peer) },
            time(half.at),
        ]);
    }
    html! {
        h2 { (text.half) }
        p.warning { (text.half_lead) }
        (table.show())
    }
}

/// `POST /console/profile/sessions/{id}/end`
pub async fn end(call: PageCall) -> PageResult {
    let id = call.id("id", SessionId::parse)?;
    let user = call.signed_in.user.id;
    call.write(move |c, act, _| sessions::end(c, act, user, id))
        .await?;
    call.done(HERE, Notice::SessionEnded, "")
}

/// `POST /console/profile/sessions/end`
pub async fn end_all(call: PageCall) -> PageResult {
    let user = call.signed_in.user.id;
    call.write(move |c, act, _| sessions::end_all(c, act, user, None))
        .await?;
    let mut response = call.done("/console/sign-in", Notice::SignedOutEverywhere, "")?;
    set(&mut response, &call.shell.cookies.clear(Cookie::Session));
    Ok(response)
}

/// What a browser is, as far as it says: its kind and the system that it runs on.
fn browser(text: &Text, agent: &str) -> String {
    // Every browser names those before it, so the more special ones come first.
    const BROWSERS: [(&str, &str); 6] = [
        ("Firefox/", "Firefox"),
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("YaBrowser/", "Yandex Browser"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ];
    const SYSTEMS: [(&str, &str); 6] = [
        ("Windows", "Windows"),
        ("Android", "Android"),
        ("iPhone", "iOS"),
        ("iPad", "iPadOS"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ];
    let find = |names: &[(&str, &'static str)]| {
        let named = names.iter().find(|(sign, _)| agent.contains(sign));
        named.map(|(_, name)| *name)
    };
    let text = &text.account.sessions;
    match (find(&BROWSERS), find(&SYSTEMS)) {
        (Some(browser), Some(system)) => (text.browser_on)(browser, system),
        (Some(browser), None) => browser.to_owned(),
        // A program says its name first.
        (None, _) => match agent.split(['/', ' ']).next().unwrap_or_default() {
            "" => text.unknown_browser.to_owned(),
            name => name.to_owned(),
        },
    }
}

//! `/console/profile/second-factor`: switching it on and off, and recovery codes. Each asks for the
//! password; what is secret is shown in the answer to the form, and nowhere else.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use maud::{Markup, html};

use super::notice::Notice;
use super::parts::{Field, copied, time};
use super::qr::picture;
use super::{PageCall, PageError, PageResult};
use crate::domain::second_factor::{self, Begun, Confirmed, Standing};
use crate::model::secret::Secret;

const HERE: &str = "/console/profile/second-factor";
const SET_UP: &str = "/console/profile/second-factor/set-up";
const ON: &str = "/console/profile/second-factor/on";
const OFF: &str = "/console/profile/second-factor/off";
const CODES: &str = "/console/profile/second-factor/codes";
/// How few recovery codes are few.
const FEW: usize = 3;

/// `GET /console/profile/second-factor`
pub async fn show(call: PageCall) -> PageResult {
    let user = call.signed_in.user.id;
    let standing = call.read(move |c, _| Ok(second_factor::find(c, user)?));
    let text = &call.text().account.second_factor;
    let body = match standing.await? {
        Standing::Off => html! {
            h1 { (text.title) }
            p.lead { (text.off) }
            p { a.button.main href=(SET_UP) { (text.set_up) } }
        },
        Standing::On(since, left) => html! {
            h1 { (text.title) }
            p { (text.on) " " (time(since)) }
            @if left <= FEW {
                p.warning { ((text.codes_left)(left)) " " (text.few_codes_left) }
            } @else {
                p { ((text.codes_left)(left)) }
            }
            p.row {
                a.button href=(CODES) { (text.new_codes) }
                a.button.danger href=(OFF) { (text.turn_off) }
            }
        },
    };
    call.answer(text.title, &body)
}

/// `GET /console/profile/second-factor/set-up`
pub async fn ask_set_up(call: PageCall) -> PageResult {
    Ok(ask_to_set_up(&call, None))
}

/// `POST /console/profile/second-factor/set-up`: the answer shows the secret.
pub async fn set_up(call: PageCall) -> PageResult {
    if let Some(wrong) = call.confirm().await? {
        return Ok(ask_to_set_up(&call, Some(&wrong)));
    }
    let user = call.signed_in.user.clone();
    let begun = call.write(move |c, act, app| second_factor::begin(c, act, &app.master_key, &user));
    let begun = begun.await?;
    Ok(begun_page(&call, StatusCode::OK, &begun, None))
}

/// `POST /console/profile/second-factor/on`: the answer shows the recovery codes.
pub async fn turn_on(call: PageCall) -> PageResult {
    let text = &call.text().account.second_factor;
    let user = call.signed_in.user.clone();
    let code = call.form.secret("code")?;
    let confirmed = call.write(move |c, act, app| {
        let (keys, master_key) = (&app.digest_keys, &app.master_key);
        second_factor::confirm(c, act, master_key, keys, &user, code.expose())
    });
    match confirmed.await? {
        Confirmed::On(codes) => {
            let said = call.text().notices.second_factor_on;
            codes_page(&call, &codes, Some(said))
        }
        Confirmed::OnAlready => Err(PageError::MadeBefore),
        Confirmed::NotBegun => Err(PageError::Conflict(text.begin_again.to_owned())),
        Confirmed::WrongCode(begun) => {
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(begun_page(&call, status, &begun, Some(text.wrong_code)))
        }
    }
}

/// `GET /console/profile/second-factor/off`
pub async fn ask_turn_off(call: PageCall) -> PageResult {
    Ok(ask_to_turn_off(&call, None))
}

/// `POST /console/profile/second-factor/off`
pub async fn turn_off(call: PageCall) -> PageResult {
    if let Some(wrong) = call.confirm().await? {
        return Ok(ask_to_turn_off(&call, Some(&wrong)));
    }
    let user = call.signed_in.user.id;
    call.write(move |c, act, _| second_factor::turn_off(c, act, user))
        .await?;
    call.done(HERE, Notice::SecondFactorOff, "")
}

/// `GET /console/profile/second-factor/codes`
pub async fn ask_renew_codes(call: PageCall) -> PageResult {
    Ok(ask_to_renew_codes(&call, None))
}

/// `POST /console/profile/second-factor/codes`: the answer shows new recovery codes.
pub async fn renew_codes(call: PageCall) -> PageResult {
    let form = call.once()?;
    if let Some(wrong) = call.confirm().await? {
        return Ok(ask_to_renew_codes(&call, Some(&wrong)));
    }
    let user = call.signed_in.user.id;
    let made = call.write(move |c, act, app| {
        let keys = &app.digest_keys;
        form.once(c, act.now, |c| {
            second_factor::renew_codes(c, act, keys, user)
        })
    });
    match made.await? {
        Some(codes) => codes_page(&call, &codes, None),
        None => Err(PageError::MadeBefore),
    }
}

fn ask_to_set_up(call: &PageCall, wrong: Option<&str>) -> HttpResponse {
    let text = &call.text().account.second_factor;
    let button = html! { button.main type="submit" { (text.set_up) } };
    ask(call, SET_UP, text.title, text.off, &button, wrong)
}

fn ask_to_turn_off(call: &PageCall, wrong: Option<&str>) -> HttpResponse {
    let text = &call.text().account.second_factor;
    let button = html! { button.danger type="submit" { (text.turn_off) } };
    ask(call, OFF, text.turn_off, text.turn_off_hint, &button, wrong)
}

fn ask_to_renew_codes(call: &PageCall, wrong: Option<&str>) -> HttpResponse {
    let text = &call.text().account.second_factor;
    let button = html! {
        (call.once_field())
        button.main type="submit" { (text.new_codes) }
    };
    let hint = text.new_codes_hint;
    ask(call, CODES, text.new_codes, hint, &button, wrong)
}

/// A page that asks for the password before something is done.
fn ask(
    call: &PageCall,
    action: &str,
    title: &str,
    hint: &str,
    button: &Markup,
    wrong: Option<&str>,
) -> HttpResponse {
    let text = call.text();
    let fields = html! {
        (call.confirm_field(text.account.second_factor.password, wrong))
        div.row {
            (button)
            a href=(HERE) { (text.shell.cancel) }
        }
    };
    let body = html! {
        h1 { (title) }
        p.lead { (hint) }
        (call.shell.form(action, "stack", &fields))
    };
    let status = match wrong {
        None => StatusCode::OK,
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
    };
    call.shell.answer(status, title, &body)
}

/// The secret that waits for its first code.
fn begun_page(
    call: &PageCall,
    status: StatusCode,
    begun: &Begun,
    wrong: Option<&str>,
) -> HttpResponse {
    let text = &call.text().account.second_factor;
    let secret = begun.secret.expose();
    let groups: Vec<&str> = (0..secret.len())
        .step_by(4)
        .map(|at| &secret[at..secret.len().min(at + 4)])
        .collect();
    let fields = html! {
        (Field {
            name: "code",
            label: text.first_code,
            hint: text.first_code_hint,
            error: wrong,
            autocomplete: "one-time-code",
            limit: Some(10),
            ..Field::default()
        }.show(call.text()))
        div.row {
            button.main type="submit" { (text.turn_on) }
            a href=(HERE) { (call.text().shell.cancel) }
        }
    };
    let body = html! {
        h1 { (text.title) }
        p.lead { (text.set_up_lead) }
        div.side-by-side {
            (picture(begun.address.expose(), text.picture))
            div {
                p { (text.secret) br; (copied(call.text(), "secret", &groups.join(" "))) }
                p { a href=(begun.address.expose()) { (text.address) } }
                (call.shell.form(ON, "stack", &fields))
            }
        }
    };
    call.shell.answer(status, text.title, &body)
}

/// Recovery codes, this once.
fn codes_page(call: &PageCall, codes: &[Secret], said: Option<&str>) -> PageResult {
    let text = &call.text().account.second_factor;
    let lines: Vec<&str> = codes.iter().map(Secret::expose).collect();
    let body = html! {
        @if let Some(said) = said { p.notice role="status" { (said) } }
        h1 { (text.codes_title) }
        p { (text.codes_lead) }
        p.warning { (text.codes_once) }
        div.card { (copied(call.text(), "codes", &lines.join("\n"))) }
        p { a.button href=(HERE) { (text.codes_kept) } }
    };
    call.answer(text.codes_title, &body)
}

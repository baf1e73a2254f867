//! A second secret beside the first, and the end of the older one.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use maud::html;

use super::create::told;
use super::place::{Place, client_id};
use super::secret;
use crate::domain::clients::{self, ClientDetails, Rotation};
use crate::http::pages::notice::Notice;
use crate::http::pages::parts::{alert, time};
use crate::http::pages::{PageCall, PageError, PageResult};
use crate::model::ids::ClientId;

/// When the older secret can end, in seconds; the third is chosen unless another is.
const ENDS_IN: [i64; 4] = [0, 3600, 24 * 3600, 7 * 24 * 3600];
const PRESET: i64 = 24 * 3600;
/// For how long an old secret can be unused before it is called safe to remove, in seconds.
const QUIET: [i64; 4] = [15 * 60, 3600, 6 * 3600, 24 * 3600];
const QUIET_PRESET: i64 = 3600;
/// A secret that was used so recently is not removed at the first asking, in seconds.
const IN_USE: i64 = 24 * 3600;

/// What was chosen, and what is wrong.
#[derive(Default)]
struct Chosen {
    ends_in: Option<i64>,
    quiet: Option<i64>,
    wrong: Option<String>,
    password: Option<String>,
}

async fn find(call: &PageCall, place: Place, id: ClientId) -> Result<ClientDetails, PageError> {
    let now = call.now;
    call.read(move |c, authority| {
        let client = place.find(c, authority, &id)?;
        clients::one(c, client, now)
    })
    .await
}

pub async fn form(call: PageCall, place: Place) -> PageResult {
    let of = find(&call, place, client_id(&call)?).await?;
    Ok(show(&call, place, StatusCode::OK, &of, &Chosen::default()))
}

pub async fn rotate(call: PageCall, place: Place) -> PageResult {
    let id = client_id(&call)?;
    // What is not there is not found, whatever the form says.
    find(&call, place, id.clone()).await?;
    let once = call.once()?;
    let one_of = |name: &str, known: [i64; 4]| {
        let text = call.form.value(name)?;
        let found = known.into_iter().find(|one| one.to_string() == text);
        found.ok_or(PageError::FormMalformed)
    };
    let rotation = Rotation {
        old_ends_in: one_of("old_ends_in", ENDS_IN)?,
        quiet_for: one_of("quiet_for", QUIET)?,
    };
    let mut chosen = Chosen {
        ends_in: Some(rotation.old_ends_in),
        quiet: Some(rotation.quiet_for),
        password: call.confirm_if_old().await?,
        wrong: None,
    };
    if chosen.password.is_none() {
        let asked = id.clone();
        let rotated = call.write(move |c, act, app| {
            place.find(c, &act.authority, &asked)?;
            let rotated = once.once(c, act.now, |c| {
                clients::rotate(c, act, &app.digest_keys, &asked, rotation)
            });
            told(rotated)
        });
        match rotated.await? {
            Ok(Some((client, new))) => {
                let title = (call.text().clients.secret.rotated)(&client.name);
                return secret::show(&call, place, &title, &client.id, &new);
            }
            Ok(None) => {
                return secret::already(&call, &place.path(&id, ""), place.kind(call.text()).title);
            }
            Err(_) => chosen.wrong = Some(call.text().clients.rotate.two_already.to_owned()),
        }
    }
    let of = find(&call, place, id).await?;
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(show(&call, place, status, &of, &chosen))
}

fn show(
    call: &PageCall,
    place: Place,
    status: StatusCode,
    of: &ClientDetails,
    chosen: &Chosen,
) -> HttpResponse {
    let text = call.text();
    let says = &text.clients.rotate;
    let ends_in = chosen.ends_in.unwrap_or(PRESET);
    let quiet = chosen.quiet.unwrap_or(QUIET_PRESET);
    let has_two = of.secrets.len() > 1;
    let path = place.path(&of.client.id, "rotate");
    let fields = html! {
        @if let Some(wrong) = &chosen.wrong { (alert(wrong)) }
        @else if has_two { p.warning { (says.two_already) } }
        fieldset {
            legend { (says.old_ends) }
            @for seconds in ENDS_IN {
                label.choice {
                    input type="radio" name="old_ends_in" value=(seconds) required
                        checked[seconds == ends_in];
                    span {
                        @match seconds {
                            0 => (says.now),
                            seconds if seconds > 24 * 3600 => ((says.in_days)(seconds / 86_400)),
                            seconds => ((says.in_hours)(seconds / 3600)),
                        }
                    }
                    @if seconds == 0 { span.hint { (says.now_hint) } }
                }
            }
        }
        div.field {
            label for="quiet_for" { (says.quiet) }
            p.hint #quiet-hint { (says.quiet_hint) }
            select id="quiet_for" name="quiet_for" aria-describedby="quiet-hint" {
                @for seconds in QUIET {
                    option value=(seconds) selected[seconds == quiet] {
                        @if seconds < 3600 { ((says.minutes)(seconds / 60)) }
                        @else { ((says.hours)(seconds / 3600)) }
                    }
                }
            }
        }
        (call.confirm_if_old_field(text.clients.form.current_password, chosen.password.as_deref()))
        (call.once_field())
        div.row {
            button.main type="submit" { (says.button) }
            a href=(place.path(&of.client.id, "")) { (text.clients.form.cancel) }
        }
    };
    let title = (says.title)(&of.client.name);
    let body = html! {
        h1 { (title) }
        p.lead { (says.lead) }
        (call.shell.form(&path, "stack", &fields))
    };
    call.shell.answer(status, &title, &body)
}

/// Ends one secret now. One that was used a short while ago is asked about first.
pub async fn remove(call: PageCall, place: Place) -> PageResult {
    let id = client_id(&call)?;
    let secret = call.http.match_info().query("secret").to_owned();
    let of = find(&call, place, id.clone()).await?;
    let found = of.secrets.iter().find(|one| one.id == secret);
    let last = found.ok_or(PageError::NotFound)?.last_used;
    // Of the last use the minute is known.
    let in_use = last.filter(|last| call.now < last.at.plus_seconds(60 + IN_USE));
    let text = call.text();
    if let Some(last) = in_use.filter(|_| call.form.value("sure").is_ok_and(str::is_empty)) {
        let says = &text.clients.one;
        let when = time(last.at).into_string();
        let sentence = (says.remove_used)(&when, &last.from.to_string());
        let path = place.path(&id, &format!("secrets/{secret}/remove"));
        let fields = html! {
            input type="hidden" name="sure" value="yes";
            div.row {
                button.danger type="submit" { (says.remove_anyway) }
                a href=(place.path(&id, "")) { (text.clients.form.cancel) }
            }
        };
        let body = html! {
            h1 { (says.remove_title) }
            // The moment is HTML made here, the address is one.
            p { (maud::PreEscaped(sentence)) }
            (call.shell.form(&path, "stack", &fields))
        };
        return call.answer(says.remove_title, &body);
    }
    let to = place.path(&id, "");
    call.write(move |c, act, _| {
        place.find(c, &act.authority, &id)?;
        clients::remove_secret(c, act, &id, &secret)
    })
    .await?;
    call.done(&to, Notice::SecretRemoved, "")
}

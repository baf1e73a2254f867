//! The fields of a client's form, and the line that says what the client will be able to do.

use maud::{Markup, html};

use super::offers::Offers;
use super::place::Place;
use super::typed::{DAYS, Ends, Typed, Wrong};
use crate::http::pages::parts::{Field, alert};
use crate::http::pages::text::ClientForm as Text;
use crate::http::pages::{PageCall, PageError};
use crate::model::client::{Client, DESCRIPTION_LENGTH, NAME_LENGTH};
use crate::model::timestamp::Timestamp;

/// The button that only says what would be done.
const PREVIEW: &str = "preview";

/// Whether the form was sent to see what it would do.
pub fn preview_is_asked_for(call: &PageCall) -> Result<bool, PageError> {
    Ok(!call.form.value(PREVIEW)?.is_empty())
}

/// A client's form, to be made or to be changed.
pub struct Fields<'a> {
    pub call: &'a PageCall,
    pub place: Place,
    pub typed: &'a Typed,
    pub wrong: &'a Wrong,
    pub offers: &'a Offers,
    /// The client that is changed.
    pub client: Option<&'a Client>,
}

impl Fields<'_> {
    pub fn show(&self) -> Markup {
        let text = self.call.text();
        let form = &text.clients.form;
        let kind = self.place.kind(text);
        let is_service = self.place == Place::Services;
        html! {
            @if let Some(wrong) = &self.wrong.form { (alert(wrong)) }
            @else if !self.wrong.is_right() { (alert(form.problem)) }
            (Field {
                name: "name",
                label: kind.name,
                hint: kind.name_hint,
                value: &self.typed.name,
                error: self.wrong.name,
                limit: Some(NAME_LENGTH),
                is_first: self.client.is_none() && self.wrong.is_right(),
                ..Field::default()
            }.show(text))
            @if is_service {
                (Field {
                    name: "description",
                    label: form.description,
                    value: &self.typed.description,
                    error: self.wrong.description,
                    limit: Some(DESCRIPTION_LENGTH),
                    is_optional: true,
                    ..Field::default()
                }.show(text))
                (Field {
                    name: "audiences",
                    label: form.audiences,
                    hint: form.audiences_hint,
                    value: &self.typed.audiences,
                    error: self.wrong.audiences,
                    is_optional: true,
                    ..Field::default()
                }.show(text))
                (Field {
                    name: "default_audience",
                    label: form.default_audience,
                    hint: match self.client {
                        None => form.default_audience_new_hint,
                        Some(_) => form.default_audience_hint,
                    },
                    value: &self.typed.default_audience,
                    error: self.wrong.default_audience,
                    is_optional: true,
                    ..Field::default()
                }.show(text))
            }
            (self.scopes())
            (self.application_scopes())
            (self.expiry())
            (Field {
                name: "networks",
                label: form.networks,
                hint: form.networks_hint,
                value: &self.typed.networks,
                error: self.wrong.networks,
                is_optional: true,
                ..Field::default()
            }.show(text))
            @if is_service {
                (Field {
                    name: "lifetime",
                    label: form.lifetime,
                    hint: form.lifetime_hint,
                    value: &self.typed.lifetime,
                    error: self.wrong.lifetime,
                    limit: Some(4),
                    ..Field::default()
                }.show(text))
            }
            @if self.call.is_administrator() || self.typed.provisions_users {
                fieldset {
                    legend { (form.people) }
                    label.choice {
                        input type="checkbox" name="provisions_users" value="yes"
                            checked[self.typed.provisions_users];
                        span { (form.provisions_users) }
                        span.hint { (form.provisions_users_hint) }
                    }
                }
            }
        }
    }

    fn scopes(&self) -> Markup {
        let text = self.call.text();
        let form = &text.clients.form;
        html! {
            fieldset aria-describedby="scopes-hint" {
                legend { (form.scopes) }
                p.hint #scopes-hint { (self.place.kind(text).scopes_hint) }
                @if let Some(wrong) = self.wrong.scopes { p.wrong { (wrong) } }
                @for scope in self.offers.scope.iter() {
                    @let name = scope.as_str();
                    @let is_ticked = self.typed.scopes.iter().any(|ticked| ticked == name);
                    label.choice {
                        input type="checkbox" name="scope" value=(name) checked[is_ticked]
                            data-deed=((text.clients.deed)(scope));
                        span { code { (name) } }
                        span.hint { ((text.clients.sentence)(scope)) }
                    }
                }
            }
        }
    }

    fn application_scopes(&self) -> Markup {
        let form = &self.call.text().clients.form;
        html! {
            @for offer in &self.offers.applications {
                fieldset {
                    legend { ((form.application_scopes)(&offer.display_name)) }
                    @for scope in &offer.scopes {
                        @let value = format!("{} {}", offer.id, scope.name);
                        @let is_ticked = self.typed.application_scopes.contains(&value);
                        label.choice {
                            input type="checkbox" name="application_scope" value=(value)
                                checked[is_ticked] data-deed=(scope.name);
                            span { code { (scope.name) } }
                            span.hint { (scope.description) }
                        }
                    }
                }
            }
        }
    }

    fn expiry(&self) -> Markup {
        let text = self.call.text();
        let form = &text.clients.form;
        let now = self.call.now;
        let radio = |value: &str, label: &str, until: &str| {
            html! {
                label.choice {
                    input type="radio" name="expiry" value=(value) required
                        checked[self.typed.expiry == value] data-until=(until);
                    span { (label) }
                }
            }
        };
        let kept = self.client.map(|client| match client.expires_at {
            Some(at) => ((form.keep)(&minute(at)), minute(at)),
            None => (form.keep_never.to_owned(), String::new()),
        });
        html! {
            fieldset.choices {
                legend { (form.expiry) }
                @if let Some(wrong) = self.wrong.expiry { p.wrong #expiry-error { (wrong) } }
                @if let Some((label, until)) = kept { (radio("keep", &label, &until)) }
                @for days in DAYS {
                    @let until = minute(now.plus_seconds(days * 24 * 3600));
                    @let label = if days == 365 { form.year.to_owned() } else { (form.days)(days) };
                    (radio(&days.to_string(), &label, &until))
                }
                div.beside {
                    (radio("date", form.date, ""))
                    input type="date" name="expiry_date" value=(self.typed.date)
                        aria-label=(form.date_label) aria-invalid=[self.wrong.expiry.map(|_| "true")];
                }
                (radio("never", form.never, ""))
                p.hint { (form.never_warning) }
            }
        }
    }

    /// What the client will be able to do, until when; the script keeps it in step with the form.
    pub fn preview(&self) -> Markup {
        let text = self.call.text();
        let form = &text.clients.form;
        let sentence = self.sentence(form);
        html! {
            p.preview {
                strong { (form.preview_title) ": " }
                output id="preview"
                    data-until=((form.preview)("{what}", Some("{until}")))
                    data-never=((form.preview)("{what}", None))
                    data-nothing=(form.preview_nothing) { (sentence) }
            }
        }
    }

    /// Brings that line up to date where no script does. It comes after the button that the Enter key
    /// presses, which is the first.
    pub fn preview_button(&self) -> Markup {
        let form = &self.call.text().clients.form;
        html! {
            noscript {
                button type="submit" name=(PREVIEW) value="yes" formnovalidate {
                    (form.preview_button)
                }
            }
        }
    }

    fn sentence(&self, form: &Text) -> String {
        let deed = self.call.text().clients.deed;
        let ticked = |name: &str| self.typed.scopes.iter().any(|ticked| ticked == name);
        let scopes = self
            .offers
            .scope
            .iter()
            .filter(|scope| ticked(scope.as_str()));
        let mut deeds: Vec<String> = scopes.map(|scope| deed(scope).to_owned()).collect();
        let own = self.typed.application_scopes.iter();
        deeds.extend(own.filter_map(|one| Some(one.split_once(' ')?.1.to_owned())));
        let what = match deeds.is_empty() {
            true => form.preview_nothing.to_owned(),
            false => deeds.join(", "),
        };
        let until = match self.typed.ends(self.call.now) {
            Some(Ends::At(at)) => Some(minute(at)),
            Some(Ends::Keep) => self.client.and_then(|client| client.expires_at).map(minute),
            Some(Ends::Never) | None => None,
        };
        (form.preview)(&what, until.as_deref())
    }
}

/// A moment to the minute, with its zone.
fn minute(at: Timestamp) -> String {
    let whole = at.to_string();
    let minute = whole.get(..16).unwrap_or(&whole);
    format!("{} UTC", minute.replace('T', " "))
}

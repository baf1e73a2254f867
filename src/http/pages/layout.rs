//! The shell around every page, the headers of every HTML answer, and redirects.

use actix_web::http::StatusCode;
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderMap,
    HeaderName, HeaderValue, LOCATION, REFERRER_POLICY, SET_COOKIE, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::{HttpResponse, HttpResponseBuilder};
use maud::{DOCTYPE, Markup, html};

use super::assets::{ICON, SCRIPT, STYLE};
use super::cookies::{Cookie, Cookies};
use super::form::TOKEN;
use super::notice::Said;
use super::text::{Language, Text};
use crate::domain::sessions::SignedIn;
use crate::model::scope::Role;

/// Style and script are files of ours, pictures are of ours or drawn in the page, forms go here,
/// and no other site may frame a page.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What every page carries, whatever it answers: nobody keeps it, frames it, or reads more into it.
const PROTECTION: [(HeaderName, HeaderValue); 5] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// Gives an answer that no page makes the headers of one.
pub fn protect(headers: &mut HeaderMap) {
    for (name, value) in PROTECTION {
        headers.insert(name, value);
    }
}

/// What the navigation leads to: an address, and what it is called.
type Entry = (&'static str, fn(&Text) -> &'static str);

/// For everybody who is signed in.
const OWN: &[Entry] = &[
    ("/console/profile/keys", |text| text.clients.keys.title),
    ("/console/profile", |text| text.shell.profile),
];

/// For administrators only.
const ADMINISTRATION: &[Entry] = &[
    ("/console/admin/users", |text| text.admin.users.title),
    ("/console/admin/user-lists", |text| text.admin.lists.title),
    ("/console/admin/applications", |text| {
        text.applications.title
    }),
    ("/console/admin/clients", |text| text.clients.services.title),
    ("/console/admin/signing-keys", |text| {
        text.admin.signing_keys.title
    }),
    ("/console/admin/audit", |text| text.audit.title),
];

/// What stands around a page.
pub struct Shell {
    pub text: &'static Text,
    pub cookies: Cookies,
    pub path: String,
    /// The path with the query, as far as somebody can be led back to it.
    pub address: String,
    pub request_id: String,
    /// What forms carry; nothing where there can be none.
    pub form_token: Option<String>,
    /// What a browser is given in which nobody is signed in, if it has none yet.
    pub new_visit: Option<String>,
    pub signed_in: Option<SignedIn>,
    pub said: Option<Said>,
}

impl Shell {
    pub fn is_signed_in(&self) -> bool {
        self.signed_in.is_some()
    }

    /// A whole page.
    pub fn answer(&self, status: StatusCode, title: &str, body: &Markup) -> HttpResponse {
        let mut response = self.begin(status);
        if self.said.is_some() {
            response.append_header((SET_COOKIE, self.cookies.clear(Cookie::Notice)));
        }
        response
            .insert_header((CONTENT_TYPE, "text/html; charset=utf-8"))
            .body(self.page(title, body).into_string())
    }

    /// Leads on, after an act with what is to be said of it there.
    pub fn redirect(&self, to: &str, said: Option<Said>) -> HttpResponse {
        let mut response = self.begin(StatusCode::SEE_OTHER);
        if let Some(said) = said {
            let cookie = self.cookies.set(Cookie::Notice, &said.to_cookie());
            response.append_header((SET_COOKIE, cookie));
        }
        response.insert_header((LOCATION, to)).finish()
    }

    /// A file to be kept, with the headers of a page.
    pub fn file(&self, media_type: &str, name: &str) -> HttpResponseBuilder {
        let mut response = self.begin(StatusCode::OK);
        let disposition = format!("attachment; filename=\"{name}\"");
        response
            .insert_header((CONTENT_TYPE, media_type))
            .insert_header((CONTENT_DISPOSITION, disposition));
        response
    }

    fn begin(&self, status: StatusCode) -> HttpResponseBuilder {
        let mut response = HttpResponse::build(status);
        for header in PROTECTION {
            response.insert_header(header);
        }
        for planted in self.cookies.clear_planted() {
            response.append_header((SET_COOKIE, planted));
        }
        if let Some(visit) = &self.new_visit {
            response.append_header((SET_COOKIE, self.cookies.set(Cookie::Visit, visit)));
        }
        response
    }

    /// A form that sends what is in it here.
    pub fn form(&self, action: &str, class: &str, fields: &Markup) -> Markup {
        html! {
            form method="post" action=(action) class=(class) {
                @if let Some(token) = &self.form_token {
                    input type="hidden" name=(TOKEN) value=(token);
                }
                (fields)
            }
        }
    }

    fn page(&self, title: &str, body: &Markup) -> Markup {
        let text = &self.text.shell;
        html! {
            (DOCTYPE)
            html lang=(self.text.language.code()) {
                head {
                    meta charset="utf-8";
                    title { (title) " · Mintmark" }
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    link rel="icon" href=(ICON.address()) type="image/svg+xml";
                    link rel="stylesheet" href=(STYLE.address());
                    script src=(SCRIPT.address()) defer {}
                }
                body {
                    a.skip href="#content" { (text.skip_to_content) }
                    header.top {
                        a.brand href="/console" {
                            img src=(ICON.address()) alt="" width="24" height="24";
                            "Mintmark"
                        }
                        @if let Some(signed_in) = &self.signed_in { (self.top(signed_in)) }
                    }
                    main #content tabindex="-1" {
                        @if let Some(said) = &self.said {
                            p.notice role="status" { (said.text(self.text)) }
                        }
                        (body)
                    }
                    footer.bottom {
                        @if self.form_token.is_some() { (self.languages()) }
                        a href="/docs" { (text.documentation) }
                    }
                }
            }
        }
    }

    /// Where somebody who is signed in can go. A narrow screen shows the menu, a wide one all that
    /// is in it; the style hides the other one, also from those who do not see the page.
    fn top(&self, signed_in: &SignedIn) -> Markup {
        let text = &self.text.shell;
        let parts = self.parts(signed_in);
        let who = self.who(signed_in);
        html! {
            @if let Some((name, entries)) = parts.first() {
                nav.across aria-label=(name) { (self.links(entries)) }
            }
            div.who.across { (who) }
            @if let Some((name, entries)) = parts.get(1) {
                nav.across.second aria-label=(name) { (self.links(entries)) }
            }
            details.menu {
                summary { (text.menu) }
                div {
                    @for (name, entries) in &parts {
                        nav aria-label=(name) { p { (name) } (self.links(entries)) }
                    }
                    div.who { (who) }
                }
            }
        }
    }

    /// The parts of the navigation that are open to somebody, each with its name.
    fn parts(&self, signed_in: &SignedIn) -> Vec<(&'static str, &'static [Entry])> {
        let text = &self.text.shell;
        let mut parts = Vec::new();
        if !signed_in.must_change_password {
            parts.push((text.navigation, OWN));
            if signed_in.user.role == Role::Administrator {
                parts.push((text.administration, ADMINISTRATION));
            }
        }
        parts
    }

    fn links(&self, entries: &[Entry]) -> Markup {
        let here = self.here();
        html! {
            ul {
                @for (path, name) in entries {
                    @let current = (here == Some(*path)).then_some("page");
                    li { a href=(path) aria-current=[current] { (name(self.text)) } }
                }
            }
        }
    }

    fn who(&self, signed_in: &SignedIn) -> Markup {
        let text = &self.text.shell;
        html! {
            span { (signed_in.user.presentation) }
            @if signed_in.user.role == Role::Administrator {
                span.badge { (text.administrator) }
            }
            (self.form("/console/sign-out", "", &html! {
                button.quiet type="submit" { (text.sign_out) }
            }))
        }
    }

    /// The entry of the navigation that the page belongs to: the nearest, since the profile's other
    /// pages are below it.
    fn here(&self) -> Option<&'static str> {
        let paths = OWN.iter().chain(ADMINISTRATION).map(|(path, _)| *path);
        let above = paths.filter(|path| self.is_at(path));
        above.max_by_key(|path| path.len())
    }

    /// The same with its name, if it is open to whoever is signed in.
    pub fn nearest(&self) -> Option<(&'static str, &'static str)> {
        let here = self.here()?;
        let parts = self.parts(self.signed_in.as_ref()?);
        let entries = parts.iter().flat_map(|(_, entries)| entries.iter());
        let found = entries.into_iter().find(|(path, _)| *path == here);
        found.map(|(path, name)| (*path, name(self.text)))
    }

    /// Whether the page is the one at `path`, or below it.
    fn is_at(&self, path: &str) -> bool {
        let below = self.path.strip_prefix(path);
        below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
    }

    fn languages(&self) -> Markup {
        let here = self.text.language;
        self.form(
            "/console/language",
            "languages",
            &html! {
                span.hidden { (self.text.shell.language) }
                input type="hidden" name="back" value=(self.address);
                @for language in Language::ALL {
                    @let current = (language == here).then_some("true");
                    button.quiet type="submit" name="language" value=(language.code())
                        lang=(language.code()) aria-current=[current] { (language.name()) }
                }
            },
        )
    }
}

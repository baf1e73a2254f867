//! What is said about access keys and service clients.

use crate::model::scope::Scope;

pub struct Clients {
    pub keys: Kind,
    pub services: Kind,
    pub list: ClientList,
    pub form: ClientForm,
    pub secret: ClientSecretText,
    pub rotate: Rotate,
    pub one: OneClient,
    pub end: EndClient,
    /// What a scope lets a program do, as a sentence.
    pub sentence: fn(Scope) -> &'static str,
    /// The same as a part of a sentence.
    pub deed: fn(Scope) -> &'static str,
}

/// What differs between access keys and service clients.
pub struct Kind {
    pub title: &'static str,
    pub lead: &'static str,
    pub empty_title: &'static str,
    pub empty: &'static str,
    pub create: &'static str,
    pub new_title: &'static str,
    pub name: &'static str,
    pub name_hint: &'static str,
    pub scopes_hint: &'static str,
    pub full: &'static str,
}

pub struct ClientList {
    pub name: &'static str,
    pub client_id: &'static str,
    pub scopes: &'static str,
    pub created: &'static str,
    pub expires: &'static str,
    pub last_used: &'static str,
    pub state: &'static str,
    pub never: &'static str,
    pub not_yet: &'static str,
    pub no_scope: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    /// What is copied, for whoever hears the button.
    pub copy_what: fn(&str) -> String,
    pub search: &'static str,
    pub search_button: &'static str,
    pub show_all: &'static str,
    pub nothing_found: fn(&str) -> String,
    /// Address.
    pub from: fn(&str) -> String,
    pub active: &'static str,
    pub expires_soon: &'static str,
    pub expired: &'static str,
    pub disabled: &'static str,
    pub disabled_by_administrator: &'static str,
}

pub struct ClientForm {
    pub edit_title: fn(&str) -> String,
    pub description: &'static str,
    pub scopes: &'static str,
    /// An application's name.
    pub application_scopes: fn(&str) -> String,
    pub expiry: &'static str,
    pub days: fn(i64) -> String,
    pub year: &'static str,
    pub date: &'static str,
    pub date_label: &'static str,
    pub never: &'static str,
    pub never_warning: &'static str,
    pub keep: fn(&str) -> String,
    pub keep_never: &'static str,
    pub networks: &'static str,
    pub networks_hint: &'static str,
    pub audiences: &'static str,
    pub audiences_hint: &'static str,
    pub lifetime: &'static str,
    pub lifetime_hint: &'static str,
    /// What it will be able to do, and until when.
    pub preview: fn(&str, Option<&str>) -> String,
    /// What it will be able to do when nothing is ticked, and until when.
    pub preview_nothing: &'static str,
    pub preview_title: &'static str,
    pub preview_button: &'static str,
    pub save: &'static str,
    pub cancel: &'static str,
    pub problem: &'static str,
    pub name_missing: &'static str,
    pub name_wrong: &'static str,
    pub date_wrong: &'static str,
    pub networks_wrong: &'static str,
    pub scopes_wrong: &'static str,
    pub audiences_wrong: &'static str,
    pub lifetime_wrong: &'static str,
    pub current_password: &'static str,
}

pub struct ClientSecretText {
    pub made: fn(&str) -> String,
    pub rotated: fn(&str) -> String,
    pub once: &'static str,
    pub client_id: &'static str,
    pub client_secret: &'static str,
    pub curl: &'static str,
    pub environment: &'static str,
    pub done: &'static str,
    pub again_title: &'static str,
    pub again: &'static str,
    pub again_lost: &'static str,
}

pub struct Rotate {
    pub title: fn(&str) -> String,
    pub lead: &'static str,
    pub old_ends: &'static str,
    pub now: &'static str,
    pub now_hint: &'static str,
    pub in_hours: fn(i64) -> String,
    pub in_days: fn(i64) -> String,
    pub quiet: &'static str,
    pub quiet_hint: &'static str,
    pub minutes: fn(i64) -> String,
    pub hours: fn(i64) -> String,
    pub button: &'static str,
    pub two_already: &'static str,
}

pub struct OneClient {
    pub may: &'static str,
    pub may_nothing: &'static str,
    pub never_used: fn(&str) -> String,
    pub used_all: &'static str,
    pub networks: &'static str,
    pub any_network: &'static str,
    pub audiences: &'static str,
    pub lifetime: &'static str,
    pub seconds: fn(i64) -> String,
    pub secrets: &'static str,
    pub secret: &'static str,
    pub newest: &'static str,
    pub older: &'static str,
    pub created: &'static str,
    pub ends: &'static str,
    pub last_used: &'static str,
    pub act: &'static str,
    pub safe: &'static str,
    pub remove: &'static str,
    pub remove_title: &'static str,
    /// When, from where.
    pub remove_used: fn(&str, &str) -> String,
    pub remove_anyway: &'static str,
    pub events: &'static str,
    pub no_events: &'static str,
    pub when: &'static str,
    pub what: &'static str,
    pub by: &'static str,
    pub event: fn(&str) -> Option<&'static str>,
    pub reason: fn(&str) -> Option<&'static str>,
    pub chart: &'static str,
    /// All, the most on one day, that day.
    pub chart_text: fn(i64, i64, &str) -> String,
    pub chart_nothing: &'static str,
    pub edit: &'static str,
    pub rotate: &'static str,
    pub disable: &'static str,
    pub enable: &'static str,
    pub cut_off: &'static str,
    pub delete: &'static str,
    pub disable_hint: &'static str,
    pub enable_hint: &'static str,
    pub cut_off_hint: &'static str,
    pub delete_hint: &'static str,
    pub rotate_hint: &'static str,
    pub only_administrator: &'static str,
    pub acts: &'static str,
    pub expired_kept: fn(i64) -> String,
}

pub struct EndClient {
    pub title: fn(&str) -> String,
    pub lead: &'static str,
    pub type_name: fn(&str) -> String,
    pub differs: &'static str,
    pub button: &'static str,
}

//! What stands around every page, what is said once after an act, and what is said of failures.

/// Around every page.
pub struct Shell {
    pub skip_to_content: &'static str,
    pub navigation: &'static str,
    pub administration: &'static str,
    pub menu: &'static str,
    pub profile: &'static str,
    pub administrator: &'static str,
    pub sign_out: &'static str,
    pub language: &'static str,
    pub documentation: &'static str,
    pub error: &'static str,
    pub pages: &'static str,
    pub previous: &'static str,
    pub next: &'static str,
    pub cancel: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    /// From, to, of how many.
    pub range: fn(i64, i64, i64) -> String,
}

/// Said once, on the page that follows an act.
pub struct Notices {
    pub signed_out: &'static str,
    pub signed_out_everywhere: &'static str,
    pub sign_in_again: &'static str,
    /// How many.
    pub half_sign_ins: fn(&str) -> String,
    pub session_ended: &'static str,
    pub second_factor_on: &'static str,
    pub second_factor_off: &'static str,
    pub password_changed: &'static str,
    /// Each with the name of what was changed.
    pub client_changed: fn(&str) -> String,
    pub client_disabled: fn(&str) -> String,
    pub client_enabled: fn(&str) -> String,
    pub client_cut_off: fn(&str) -> String,
    pub client_deleted: fn(&str) -> String,
    pub secret_removed: &'static str,
    pub user_changed: fn(&str) -> String,
    pub user_disabled: fn(&str) -> String,
    pub user_enabled: fn(&str) -> String,
    pub user_signed_out: fn(&str) -> String,
    pub factor_reset: fn(&str) -> String,
    pub user_deleted: fn(&str) -> String,
    pub user_list_made: fn(&str) -> String,
    pub user_list_deleted: fn(&str) -> String,
    pub application_made: fn(&str) -> String,
    pub application_changed: fn(&str) -> String,
    pub application_user_changed: fn(&str) -> String,
    pub application_deleted: fn(&str) -> String,
}

/// What is said when a page cannot be shown.
pub struct Errors {
    /// At the authorization endpoint, behind which there is no flow.
    pub no_authorization_title: &'static str,
    pub no_authorization: &'static str,
    pub not_found_title: &'static str,
    pub not_found: &'static str,
    pub forbidden_title: &'static str,
    pub forbidden: &'static str,
    pub invalid_title: &'static str,
    pub form_malformed: &'static str,
    pub conflict_title: &'static str,
    pub made_before_title: &'static str,
    pub made_before: &'static str,
    pub form_expired_title: &'static str,
    pub form_expired: &'static str,
    /// The address that the pages have.
    pub foreign: fn(&str) -> String,
    pub method_title: &'static str,
    pub method: &'static str,
    pub too_large: &'static str,
    pub too_slow: &'static str,
    /// By how many seconds are to be waited.
    pub overspent: fn(u64) -> String,
    pub unavailable_title: &'static str,
    pub unavailable: &'static str,
    pub internal_title: &'static str,
    pub internal: &'static str,
    pub plain_http: &'static str,
    pub request_id: &'static str,
    pub back_to_profile: &'static str,
    pub back_to_sign_in: &'static str,
}

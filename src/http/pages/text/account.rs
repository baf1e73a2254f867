//! What is said about signing in and about one's own account.

pub struct Account {
    pub sign_in: SignIn,
    pub profile: Profile,
    pub password: Password,
    pub sessions: Sessions,
    pub second_factor: SecondFactor,
}

pub struct SignIn {
    pub title: &'static str,
    pub login: &'static str,
    pub password: &'static str,
    pub button: &'static str,
    pub refused: &'static str,
    /// Seconds to wait.
    pub slowed: fn(u64) -> String,
    pub busy: &'static str,
    pub temporary_ended: &'static str,
    /// The address follows.
    pub other_address: &'static str,
    pub code_title: &'static str,
    pub code: &'static str,
    pub code_hint: &'static str,
    pub code_button: &'static str,
    pub code_wrong: &'static str,
    /// Seconds to wait.
    pub code_wait: fn(i64) -> String,
    pub start_again: &'static str,
}

pub struct Profile {
    pub title: &'static str,
    pub login: &'static str,
    pub name: &'static str,
    pub email: &'static str,
    pub phone: &'static str,
    pub role: &'static str,
    pub administrator: &'static str,
    pub member: &'static str,
    pub signed_in_at: &'static str,
    pub security: &'static str,
    pub password: &'static str,
    pub password_hint: &'static str,
    pub second_factor: &'static str,
    pub second_factor_hint: &'static str,
    pub sessions: &'static str,
    pub sessions_hint: &'static str,
}

pub struct Password {
    pub title: &'static str,
    pub temporary: &'static str,
    pub current: &'static str,
    pub new: &'static str,
    pub new_hint: &'static str,
    pub repeat: &'static str,
    pub button: &'static str,
    pub others_end: &'static str,
    pub wrong: &'static str,
    pub missing: &'static str,
    pub differs: &'static str,
    pub same: &'static str,
    pub too_short: &'static str,
    pub too_long: &'static str,
    pub control: &'static str,
    pub digits: &'static str,
    pub login: &'static str,
    pub product: &'static str,
    pub common: &'static str,
    pub row: &'static str,
    pub repeated: &'static str,
}

pub struct Sessions {
    pub title: &'static str,
    pub lead: &'static str,
    pub browser: &'static str,
    pub address: &'static str,
    pub signed_in: &'static str,
    pub last_seen: &'static str,
    pub act: &'static str,
    pub this_one: &'static str,
    pub unknown_browser: &'static str,
    /// Browser, system.
    pub browser_on: fn(&str, &str) -> String,
    pub end: &'static str,
    pub end_all: &'static str,
    pub end_all_hint: &'static str,
    pub half: &'static str,
    pub half_lead: &'static str,
    pub half_at: &'static str,
}

pub struct SecondFactor {
    pub title: &'static str,
    pub off: &'static str,
    /// A time follows.
    pub on: &'static str,
    /// How many.
    pub codes_left: fn(usize) -> String,
    pub few_codes_left: &'static str,
    pub password: &'static str,
    pub set_up: &'static str,
    pub set_up_lead: &'static str,
    pub picture: &'static str,
    pub secret: &'static str,
    pub address: &'static str,
    pub first_code: &'static str,
    pub first_code_hint: &'static str,
    pub turn_on: &'static str,
    pub wrong_code: &'static str,
    pub begin_again: &'static str,
    pub codes_title: &'static str,
    pub codes_lead: &'static str,
    pub codes_once: &'static str,
    pub codes_kept: &'static str,
    pub new_codes: &'static str,
    pub new_codes_hint: &'static str,
    pub turn_off: &'static str,
    pub turn_off_hint: &'static str,
}

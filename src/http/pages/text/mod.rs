//! All that pages say, in one place for each language: `en/` and `ru/` fill the same structures, so
//! that what is missing in one of them does not compile.

mod account;
pub mod admin;
mod applications;
mod audit;
pub mod clients;
mod en;
mod language;
mod refusals;
mod ru;
mod shell;

pub use account::{Account, Password, Profile, SecondFactor, Sessions, SignIn};
pub use admin::Admin;
pub use applications::Applications;
pub use audit::Audit;
pub use clients::{ClientForm, Clients, Kind};
pub use language::Language;
pub use refusals::Refusals;
pub use shell::{Errors, Notices, Shell};

/// What pages say in one language.
pub struct Text {
    pub language: Language,
    pub shell: Shell,
    pub notices: Notices,
    pub errors: Errors,
    pub refusals: Refusals,
    pub account: Account,
    pub clients: Clients,
    pub admin: Admin,
    pub applications: Applications,
    pub audit: Audit,
}

impl Language {
    pub fn text(self) -> &'static Text {
        match self {
            Language::English => &en::TEXT,
            Language::Russian => &ru::TEXT,
        }
    }
}

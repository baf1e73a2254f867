//! All that pages say in English.

mod account;
mod admin;
mod applications;
mod audit;
mod clients;
mod refusals;
mod shell;

use super::{Language, Text};

pub static TEXT: Text = Text {
    language: Language::English,
    shell: shell::SHELL,
    notices: shell::NOTICES,
    errors: shell::ERRORS,
    refusals: refusals::REFUSALS,
    account: account::ACCOUNT,
    clients: clients::CLIENTS,
    admin: admin::ADMIN,
    applications: applications::APPLICATIONS,
    audit: audit::AUDIT,
};

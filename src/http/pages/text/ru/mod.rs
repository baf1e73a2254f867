//! All that pages say in Russian.

mod account;
mod admin;
mod applications;
mod audit;
mod clients;
mod refusals;
mod shell;

use super::{Language, Text};

pub static TEXT: Text = Text {
    language: Language::Russian,
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

//! The administration: pages for administrators only.

pub mod applications;
pub mod audit;
mod list_offers;
mod password_page;
pub mod signing_keys;
pub mod user;
pub mod user_acts;
pub mod user_form;
pub mod user_list;
pub mod user_lists;
pub mod users;

//! Access keys on the profile page, and service clients in the administration: the same pages, each
//! in its [`Place`].

mod chart;
mod create;
mod edit;
mod end;
mod fields;
mod list;
mod offers;
pub mod place;
mod rotate;
mod secret;
mod show;
mod shown;
mod typed;

pub use create::told;
pub use secret::already;
pub use shown::copied;

use self::place::Place;
use super::{PageCall, PageResult};

/// The handlers of one place.
macro_rules! handlers {
    ($module:ident, $doc:literal, $place:expr) => {
        #[doc = $doc]
        pub mod $module {
            use super::{PageCall, PageResult, Place, create, edit, end, list, rotate, show};

            macro_rules! handler {
                ($name:ident, $to:path) => {
                    pub async fn $name(call: PageCall) -> PageResult {
                        let place: fn(&PageCall) -> Place = $place;
                        let place = place(&call);
                        $to(call, place).await
                    }
                };
            }

            handler!(list, list::list);
            handler!(form, create::form);
            handler!(create, create::create);
            handler!(show, show::show);
            handler!(edit_form, edit::form);
            handler!(edit, edit::change);
            handler!(rotate_form, rotate::form);
            handler!(rotate, rotate::rotate);
            handler!(remove_secret, rotate::remove);
            handler!(disable, end::disable);
            handler!(enable, end::enable);
            handler!(cut_off, end::cut_off);
            handler!(delete_form, end::ask);
            handler!(delete, end::delete);
        }
    };
}

handlers!(keys, "One's own access keys.", Place::own);
handlers!(services, "Service clients.", |_| Place::Services);

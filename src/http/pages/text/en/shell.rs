//! English: around every page, and failures.

use crate::http::pages::text::{Errors, Notices, Shell};

pub const SHELL: Shell = Shell {
    skip_to_content: "Skip to content",
    navigation: "Your account",
    administration: "Administration",
    menu: "Menu",
    profile: "Profile",
    administrator: "administrator",
    sign_out: "Sign out",
    language: "Language",
    documentation: "API documentation",
    error: "Error:",
    pages: "Pages",
    previous: "Previous",
    next: "Next",
    cancel: "Cancel",
    copy: "Copy",
    copied: "Copied",
    range: |from, to, of| format!("{from}–{to} of {of}"),
};

pub const NOTICES: Notices = Notices {
    signed_out: "You are signed out.",
    signed_out_everywhere: "You are signed out in every browser.",
    sign_in_again: "Please sign in. If you were sending a form, nothing was changed by it.",
    half_sign_ins: |count| {
        format!(
            "Since your last sign-in your right password was given without a right code: {count} \
             times. If that was not you, change your password. The sessions page shows from where."
        )
    },
    session_ended: "That session has ended.",
    second_factor_on: "The second factor is on.",
    second_factor_off: "The second factor is off.",
    password_changed: "The password is changed. Your other sessions have ended.",
    client_changed: |name| format!("{name} is changed."),
    client_disabled: |name| format!("{name} is disabled. What was issued to it is refused here."),
    client_enabled: |name| format!("{name} is enabled again. Tokens from before stay refused."),
    client_cut_off: |name| format!("{name} is cut off: every token issued so far is refused here."),
    client_deleted: |name| format!("{name} is deleted."),
    secret_removed: "The secret is removed.",
    user_changed: |name| format!("{name} is changed."),
    user_disabled: |name| format!("{name} is disabled."),
    user_enabled: |name| format!("{name} is enabled again."),
    user_signed_out: |name| format!("{name} is signed out everywhere."),
    factor_reset: |name| format!("The second factor of {name} is switched off."),
    user_deleted: |name| format!("{name} is deleted."),
    user_list_made: |name| format!("The list {name} is made."),
    user_list_deleted: |name| format!("The list {name} is deleted."),
    application_made: |name| format!("{name} is registered."),
    application_changed: |name| format!("{name} is changed."),
    application_user_changed: |name| format!("{name}: the connection is changed."),
    application_deleted: |name| format!("{name} is deleted: there are no more tokens for it."),
};

pub const ERRORS: Errors = Errors {
    no_authorization_title: "No sign-in for programs",
    no_authorization: "This server has no authorization code flow, so a program cannot sign you in \
        here. Give the program the id and secret of an access key instead; it gets its tokens with \
        the client credentials grant.",
    not_found_title: "Not found",
    not_found: "There is nothing here, or nothing that you may see.",
    forbidden_title: "Not allowed",
    forbidden: "Your account does not allow this.",
    invalid_title: "This cannot be done",
    form_malformed: "The form did not arrive as this page sends it.",
    conflict_title: "Not possible now",
    made_before_title: "Made already",
    made_before: "This form was sent before, and what it makes was made then. A secret is shown once: if you did \
        not keep it, make another one.",
    form_expired_title: "The form is out of date",
    form_expired: "It was opened before you signed in or out, or too long ago. Nothing was changed. \
        Open the page again and repeat what you did.",
    foreign: |address| {
        format!(
            "The form was sent from another site, or these pages were opened under another address \
             than theirs. Nothing was changed. Their address is {address}"
        )
    },
    method_title: "Not this way",
    method: "This address cannot be used like that.",
    too_large: "The form is too large.",
    too_slow: "The form did not arrive in time.",
    overspent: |seconds| {
        format!("You have made too many changes within a short time. Try again in {seconds} s.")
    },
    unavailable_title: "Not available now",
    unavailable: "The service is temporarily unavailable. Try again in a moment.",
    internal_title: "Something went wrong",
    internal: "Something went wrong here. If it goes on, tell your administrator the number below.",
    plain_http: "In plain HTTP the pages are served to this machine only: use HTTPS.",
    request_id: "Request",
    back_to_profile: "To the profile",
    back_to_sign_in: "To the sign-in",
};

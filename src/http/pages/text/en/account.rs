//! English: signing in and one's own account.

use crate::http::pages::text::{Account, Password, Profile, Sessions, SignIn};

pub const ACCOUNT: Account = Account {
    sign_in: SignIn {
        title: "Sign in",
        login: "Login",
        password: "Password",
        button: "Sign in",
        refused: "Login or password is wrong, or the account is switched off.",
        slowed: |seconds| {
            format!(
                "Too many failed tries. Wait {seconds} s, then try again; nobody is locked out."
            )
        },
        busy: "Too many people are signing in at this moment. Try again in a few seconds.",
    },
    profile: Profile {
        title: "Profile",
        login: "Login",
        name: "Name",
        email: "E-mail",
        phone: "Phone",
        role: "Role",
        administrator: "Administrator",
        member: "Member",
        signed_in_at: "Signed in",
        security: "Security",
        password: "Change password",
        password_hint: "Ends your sessions in other browsers.",
        sessions: "Sessions",
        sessions_hint: "Where you are signed in; sign out there.",
    },
    password: Password {
        title: "Change password",
        temporary: "Your password was set by somebody else. Choose one of your own before you go on.",
        current: "Current password",
        new: "New password",
        new_hint: "At least 12 characters. A few words that you can remember are good.",
        repeat: "New password again",
        button: "Change password",
        others_end: "You stay signed in here; your sessions in other browsers end.",
        wrong: "This is not your password.",
        missing: "Fill this in.",
        differs: "This is another one than above.",
        same: "The new password must not be the current one.",
        too_short: "A password has at least 12 characters.",
        too_long: "A password has at most 512 bytes.",
        control: "A password has no control characters.",
    },
    sessions: Sessions {
        title: "Sessions",
        lead: "Browsers in which you are signed in. A session ends after 30 minutes without use, \
            and after 12 hours at the latest.",
        browser: "Browser",
        address: "Address",
        signed_in: "Signed in",
        last_seen: "Last used",
        act: "Sign out",
        this_one: "this browser",
        unknown_browser: "Unknown browser",
        browser_on: |browser, system| format!("{browser} on {system}"),
        end: "Sign out",
        end_all: "Sign out everywhere",
        end_all_hint: "Ends every session of yours, this one too.",
    },
};

//! English: signing in and one's own account.

use crate::http::pages::text::{Account, Password, Profile, SecondFactor, Sessions, SignIn};

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
        temporary_ended: "This temporary password has ended. Ask an administrator for a new one.",
        other_address: "This page was opened under another address than its own. Sign in there:",
        code_title: "Second factor",
        code: "Code",
        code_hint: "Six digits from your authenticator app, or one of your recovery codes.",
        code_button: "Sign in",
        code_wrong: "This code is wrong, or was used before. Take the next one.",
        code_wait: |seconds| {
            format!(
                "Too many wrong codes. Wait {} min, or use a recovery code.",
                (seconds + 59) / 60
            )
        },
        start_again: "Start again",
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
        second_factor: "Second factor",
        second_factor_hint: "A code from your phone besides the password.",
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
        digits: "A password is not made of digits alone.",
        login: "This is little more than your login. Choose something else.",
        product: "This is little more than the name of this product. Choose something else.",
        common: "Many people have this password, or nearly this one. Choose another.",
        row: "This is little more than a row of keys, letters or digits. Choose something else.",
        repeated: "These are a few characters over and over. Choose something else.",
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
        half: "Your password without a code",
        half_lead: "Somebody gave your right password here and no right code. If it was not you, they \
            know your password: change it. This list is empty after that.",
        half_at: "When",
    },
    second_factor: SecondFactor {
        title: "Second factor",
        off: "It is off: your password alone signs you in. With it on, a code from an app on your \
            phone is asked for as well.",
        on: "On since",
        codes_left: |left| match left {
            1 => "1 recovery code is left.".to_owned(),
            _ => format!("{left} recovery codes are left."),
        },
        few_codes_left: "Make new ones before the last is used.",
        password: "Your password",
        set_up: "Set up",
        set_up_lead: "Scan the picture with an authenticator app, or type the secret into it. Then \
            enter the code that the app shows.",
        picture: "QR code with the secret below",
        secret: "Secret",
        address: "The same as an address",
        first_code: "Code from the app",
        first_code_hint: "Six digits.",
        turn_on: "Switch on",
        wrong_code: "This code is wrong. Is the phone's clock right? Take the next one.",
        begin_again: "It took too long, or is switched on already. Look at its state, and begin again.",
        codes_title: "Recovery codes",
        codes_lead: "Each lets you in once when you do not have your phone. Keep them where you keep \
            your passwords.",
        codes_once: "They are shown this once.",
        codes_kept: "I have kept them",
        new_codes: "Make new recovery codes",
        new_codes_hint: "The old ones are worth nothing from then on.",
        turn_off: "Switch off",
        turn_off_hint: "Your password alone signs you in then.",
    },
};

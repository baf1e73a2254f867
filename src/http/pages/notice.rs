//! What is said once, on the page that follows an act: kept in a cookie until then.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::text::Text;

/// Something that was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Notice {
    SignedOut,
    SignedOutEverywhere,
    SignInAgain,
    /// How often the right password was given without its code.
    HalfSignIns,
    SessionEnded,
    PasswordChanged,
    SecondFactorOff,
    ClientChanged,
    ClientDisabled,
    ClientEnabled,
    ClientCutOff,
    ClientDeleted,
    SecretRemoved,
    UserChanged,
    UserDisabled,
    UserEnabled,
    UserSignedOut,
    FactorReset,
    UserDeleted,
    UserListMade,
    UserListDeleted,
    ApplicationMade,
    ApplicationChanged,
    ApplicationUserChanged,
    ApplicationDeleted,
}

use Notice::*;

impl Notice {
    const ALL: [Notice; 25] = [
        SignedOut,
        SignedOutEverywhere,
        SignInAgain,
        HalfSignIns,
        SessionEnded,
        PasswordChanged,
        SecondFactorOff,
        ClientChanged,
        ClientDisabled,
        ClientEnabled,
        ClientCutOff,
        ClientDeleted,
        SecretRemoved,
        UserChanged,
        UserDisabled,
        UserEnabled,
        UserSignedOut,
        FactorReset,
        UserDeleted,
        UserListMade,
        UserListDeleted,
        ApplicationMade,
        ApplicationChanged,
        ApplicationUserChanged,
        ApplicationDeleted,
    ];

    const fn name(self) -> &'static str {
        match self {
            SignedOut => "signed-out",
            SignedOutEverywhere => "signed-out-everywhere",
            SignInAgain => "sign-in-again",
            HalfSignIns => "half-sign-ins",
            SessionEnded => "session-ended",
            PasswordChanged => "password-changed",
            SecondFactorOff => "second-factor-off",
            ClientChanged => "client-changed",
            ClientDisabled => "client-disabled",
            ClientEnabled => "client-enabled",
            ClientCutOff => "client-cut-off",
            ClientDeleted => "client-deleted",
            SecretRemoved => "secret-removed",
            UserChanged => "user-changed",
            UserDisabled => "user-disabled",
            UserEnabled => "user-enabled",
            UserSignedOut => "user-signed-out",
            FactorReset => "factor-reset",
            UserDeleted => "user-deleted",
            UserListMade => "user-list-made",
            UserListDeleted => "user-list-deleted",
            ApplicationMade => "application-made",
            ApplicationChanged => "application-changed",
            ApplicationUserChanged => "application-user-changed",
            ApplicationDeleted => "application-deleted",
        }
    }
}

/// What was done, and to what: the name of a key, say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Said {
    pub notice: Notice,
    pub subject: String,
}

impl Said {
    /// An act without a subject.
    pub fn of(notice: Notice) -> Self {
        Self {
            notice,
            subject: String::new(),
        }
    }

    pub fn to_cookie(&self) -> String {
        let subject = URL_SAFE_NO_PAD.encode(&self.subject);
        format!("{}.{subject}", self.notice.name())
    }

    /// Reads what [`Said::to_cookie`] wrote.
    pub fn from_cookie(value: &str) -> Option<Self> {
        let (name, subject) = value.split_once('.')?;
        let subject = URL_SAFE_NO_PAD.decode(subject).ok()?;
        Some(Self {
            notice: Notice::ALL
                .into_iter()
                .find(|notice| notice.name() == name)?,
            subject: String::from_utf8(subject).ok()?,
        })
    }

    /// As it is said.
    pub fn text(&self, text: &Text) -> String {
        let notices = &text.notices;
        match self.notice {
            SignedOut => notices.signed_out,
            SignedOutEverywhere => notices.signed_out_everywhere,
            SignInAgain => notices.sign_in_again,
            HalfSignIns => return (notices.half_sign_ins)(&self.subject),
            SessionEnded => notices.session_ended,
            PasswordChanged => notices.password_changed,
            SecondFactorOff => notices.second_factor_off,
            ClientChanged => return (notices.client_changed)(&self.subject),
            ClientDisabled => return (notices.client_disabled)(&self.subject),
            ClientEnabled => return (notices.client_enabled)(&self.subject),
            ClientCutOff => return (notices.client_cut_off)(&self.subject),
            ClientDeleted => return (notices.client_deleted)(&self.subject),
            SecretRemoved => notices.secret_removed,
            UserChanged => return (notices.user_changed)(&self.subject),
            UserDisabled => return (notices.user_disabled)(&self.subject),
            UserEnabled => return (notices.user_enabled)(&self.subject),
            UserSignedOut => return (notices.user_signed_out)(&self.subject),
            FactorReset => return (notices.factor_reset)(&self.subject),
            UserDeleted => return (notices.user_deleted)(&self.subject),
            UserListMade => return (notices.user_list_made)(&self.subject),
            UserListDeleted => return (notices.user_list_deleted)(&self.subject),
            ApplicationMade => return (notices.application_made)(&self.subject),
            ApplicationChanged => return (notices.application_changed)(&self.subject),
            ApplicationUserChanged => return (notices.application_user_changed)(&self.subject),
            ApplicationDeleted => return (notices.application_deleted)(&self.subject),
        }
        .to_owned()
    }
}

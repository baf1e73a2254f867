//! `user`: the people who sign in.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use serde::Serialize;

use super::input::read_secret;
use super::{CliError, Desk, Output};
use crate::domain::user_changes::{self, UserUpdate};
use crate::domain::users::{self, NewUser};
use crate::domain::{Act, DomainError, first_start, password, second_factor};
use crate::model::ids::UserListId;
use crate::model::scope::Role;
use crate::model::timestamp::Timestamp;
use crate::model::user::User;
use crate::store::AnyConnection;
use crate::store::users::PasswordHash;

#[derive(Subcommand)]
pub enum UserCommand {
    /// Make a user; the password must be changed at the first sign-in, within 7 days
    Create {
        /// What the user signs in with; unique, in whatever case
        #[arg(long)]
        login: String,
        /// How the user is shown to others; the login unless given
        #[arg(long)]
        presentation: Option<String>,
        /// Where the user is written to
        #[arg(long)]
        email: Option<String>,
        /// Where the user is called
        #[arg(long)]
        phone: Option<String>,
        /// What the user, and their keys, may do at most
        #[arg(long, value_enum, default_value_t = RoleArg::Member)]
        role: RoleArg,
        /// The id of the list to join; the first list unless given
        #[arg(long, value_name = "ID")]
        user_list: Option<String>,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// List the users
    List,
    /// Change how a user is shown and reached, or the role; what is not named stays
    Update {
        #[command(flatten)]
        login: LoginArgs,
        #[command(flatten)]
        update: UpdateArgs,
    },
    /// Switch a user off, with all their keys
    Disable(LoginArgs),
    /// Switch a user on again; tokens issued before stay refused
    Enable(LoginArgs),
    /// Give a user another password, to be changed at the next sign-in, within 7 days
    SetPassword {
        #[command(flatten)]
        login: LoginArgs,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Switch a user's second factor off, for whoever lost it and all recovery codes
    ResetSecondFactor(LoginArgs),
    /// Delete a user and all their keys
    Delete(LoginArgs),
}

#[derive(Args)]
pub struct LoginArgs {
    /// The user's login, in whatever case
    #[arg(long)]
    login: String,
}

#[derive(Args)]
#[group(required = true, multiple = true)]
pub struct UpdateArgs {
    /// How the user is shown to others
    #[arg(long)]
    presentation: Option<String>,
    /// Where the user is written to; an empty one leaves the user without
    #[arg(long)]
    email: Option<String>,
    /// Where the user is called; an empty one leaves the user without
    #[arg(long)]
    phone: Option<String>,
    /// What the user, and their keys, may do at most; it counts at once
    #[arg(long, value_enum)]
    role: Option<RoleArg>,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
pub struct PasswordArgs {
    /// Read the password from standard input
    #[arg(long)]
    password_stdin: bool,
    /// Read the password from a file
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum RoleArg {
    Administrator,
    Member,
}

impl From<RoleArg> for Role {
    fn from(role: RoleArg) -> Self {
        match role {
            RoleArg::Administrator => Role::Administrator,
            RoleArg::Member => Role::Member,
        }
    }
}

#[derive(Serialize)]
struct Shown {
    id: String,
    login: String,
    presentation: String,
    email: Option<String>,
    phone: Option<String>,
    role: &'static str,
    user_list_id: String,
    disabled: bool,
    created_at: Timestamp,
    temporary_password_ends_at: Option<Timestamp>,
}

impl From<User> for Shown {
    fn from(user: User) -> Self {
        Self {
            id: user.id.to_string(),
            login: user.login,
            presentation: user.presentation,
            email: user.email,
            phone: user.phone,
            role: user.role.as_str(),
            user_list_id: user.user_list_id.to_string(),
            disabled: user.disabled.is_some(),
            created_at: user.created_at,
            temporary_password_ends_at: user.password_ends_at,
        }
    }
}

impl UpdateArgs {
    fn read(self) -> UserUpdate {
        let given = |text: String| Some(text).filter(|text| !text.is_empty());
        UserUpdate {
            presentation: self.presentation,
            email: self.email.map(given),
            phone: self.phone.map(given),
            role: self.role.map(Role::from),
            active: None,
        }
    }
}

impl PasswordArgs {
    fn hash(&self, login: &str) -> Result<PasswordHash, CliError> {
        let password = read_secret(self.password_file.as_deref())?;
        password::check(&password, login)?;
        // Whoever types it here knows it, so it is not the user's own yet.
        Ok(password::hash(&password, true)?)
    }
}

pub fn run(command: UserCommand, desk: &Desk, output: Output) -> Result<(), CliError> {
    match command {
        UserCommand::Create {
            login,
            presentation,
            email,
            phone,
            role,
            user_list,
            password,
        } => {
            let user_list = match user_list {
                None => None,
                Some(id) => Some(UserListId::parse(&id).ok_or_else(|| {
                    CliError::Other(format!("--user-list: {id} is not a valid UUID"))
                })?),
            };
            let hash = password.hash(&login)?;
            let new = NewUser {
                login,
                presentation,
                email,
                phone,
                role: role.into(),
                user_list,
            };
            desk.check_time()?;
            let user = desk.write(|c, act| users::create(c, act, new, &hash))?;
            output.one(&Shown::from(user))
        }
        UserCommand::List => {
            let list = desk.read(|c| Ok::<_, DomainError>(crate::store::users::list_all(c)?))?;
            let shown: Vec<Shown> = list.into_iter().map(Shown::from).collect();
            output.list(&shown)
        }
        UserCommand::Update { login, update } => {
            let update = update.read();
            let work = |c: &mut AnyConnection, act: &Act, user: &User| {
                let of = (user.user_list_id, user.id);
                user_changes::update(c, act, of, update).map(drop)
            };
            output.one(&Shown::from(change(desk, &login, work)?))
        }
        UserCommand::Disable(args) => {
            output.one(&Shown::from(change(desk, &args, users::disable)?))
        }
        UserCommand::Enable(args) => output.one(&Shown::from(change(desk, &args, users::enable)?)),
        UserCommand::SetPassword { login, password } => {
            let hash = password.hash(&login.login)?;
            desk.check_time()?;
            let set = |c: &mut AnyConnection, act: &Act, user: &User| {
                users::set_password(c, act, user, &hash)
            };
            let user = change(desk, &login, set)?;
            let paths = first_start::first_sign_in_paths(&desk.keys_dir, desk.database.url());
            first_start::forget_first_sign_in(&paths, &user.login)
                .map_err(|(path, e)| CliError::File(path.display().to_string(), e))?;
            output.one(&Shown::from(user))
        }
        UserCommand::ResetSecondFactor(args) => {
            let reset = |c: &mut AnyConnection, act: &Act, user: &User| {
                second_factor::turn_off(c, act, user.id)
            };
            output.one(&Shown::from(change(desk, &args, reset)?))
        }
        UserCommand::Delete(args) => desk.write(|c, act| {
            let user = users::find_by_login(c, &args.login)?;
            users::delete(c, act, &user)
        }),
    }
}

/// Does `act` to the user, and answers what became of them.
fn change(
    desk: &Desk,
    args: &LoginArgs,
    act: impl FnOnce(&mut AnyConnection, &Act, &User) -> Result<(), DomainError>,
) -> Result<User, CliError> {
    desk.write(|c, by| {
        let user = users::find_by_login(c, &args.login)?;
        act(c, by, &user)?;
        users::find_by_login(c, &args.login)
    })
}

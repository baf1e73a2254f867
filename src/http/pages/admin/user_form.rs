//! A user made, and changed.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use maud::{Markup, html};

use super::list_offers::{self, Offers};
use super::password_page;
use super::users::HERE;
use crate::domain::DomainError;
use crate::domain::user_changes::{self, UserUpdate};
use crate::domain::users::{self, NewUser};
use crate::http::pages::notice::Notice;
use crate::http::pages::parts::{Field, alert};
use crate::http::pages::{PageCall, PageError, PageResult, clients};
use crate::model::ids::{UserId, UserListId};
use crate::model::scope::Role;
use crate::model::text::without_blanks;
use crate::model::user::User;

/// What is typed.
#[derive(Default)]
struct Typed {
    login: String,
    presentation: String,
    email: String,
    phone: String,
    role: String,
    list: String,
}

/// What is wrong with it.
#[derive(Default)]
struct Wrong {
    form: Option<String>,
    login: Option<&'static str>,
    presentation: Option<&'static str>,
    email: Option<&'static str>,
    phone: Option<&'static str>,
    password: Option<String>,
}

impl Typed {
    fn read(call: &PageCall) -> Result<Self, PageError> {
        let text = |name: &str| {
            call.form
                .value(name)
                .map(|value| without_blanks(value).to_owned())
        };
        Ok(Self {
            login: text("login")?,
            presentation: text("presentation")?,
            email: text("email")?,
            phone: text("phone")?,
            role: text("role")?,
            list: text("list")?,
        })
    }

    fn of(user: &User) -> Self {
        Self {
            login: user.login.clone(),
            presentation: user.presentation.clone(),
            email: user.email.clone().unwrap_or_default(),
            phone: user.phone.clone().unwrap_or_default(),
            role: user.role.as_str().to_owned(),
            list: user.user_list_id.to_string(),
        }
    }

    fn role(&self) -> Result<Role, PageError> {
        Role::parse(&self.role).ok_or(PageError::FormMalformed)
    }
}

fn given(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

impl Wrong {
    fn is_right(&self) -> bool {
        let fields = [self.login, self.presentation, self.email, self.phone];
        let is_well = self.form.is_none() && self.password.is_none();
        is_well && fields.iter().all(Option::is_none)
    }

    fn of(call: &PageCall, field: &str) -> Self {
        let says = &call.text().admin.users;
        let mut wrong = Self::default();
        match field {
            "login" => wrong.login = Some(says.login_wrong),
            "presentation" => wrong.presentation = Some(says.name_wrong),
            "email" => wrong.email = Some(says.email_wrong),
            "phone" => wrong.phone = Some(says.phone_wrong),
            _ => wrong.form = Some(says.problem.to_owned()),
        }
        wrong
    }
}

/// `GET /console/admin/users/new`
pub async fn form(call: PageCall) -> PageResult {
    let typed = Typed {
        role: Role::Member.as_str().to_owned(),
        list: call.query()?.value("list")?.to_owned(),
        ..Typed::default()
    };
    let lists = Offers::read(&call).await?;
    Ok(show_new(
        &call,
        StatusCode::OK,
        &typed,
        &Wrong::default(),
        &lists,
    ))
}

/// `POST /console/admin/users`
pub async fn create(call: PageCall) -> PageResult {
    let typed = Typed::read(&call)?;
    let once = call.once()?;
    let says = &call.text().admin.users;
    let list = match list_offers::named(&call).await? {
        Some(Ok(named)) => named,
        None => UserListId::parse(&typed.list).ok_or(PageError::FormMalformed)?,
        Some(Err(())) => {
            let wrong = Wrong {
                form: Some(call.text().applications.list_wrong.to_owned()),
                ..Wrong::default()
            };
            let lists = Offers::read(&call).await?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(show_new(&call, status, &typed, &wrong, &lists));
        }
    };
    let new = NewUser {
        login: typed.login.clone(),
        presentation: given(&typed.presentation),
        email: given(&typed.email),
        phone: given(&typed.phone),
        role: typed.role()?,
        user_list: Some(list),
    };
    if let Some(problem) = call.confirm_if_old().await? {
        let wrong = Wrong {
            password: Some(problem),
            ..Wrong::default()
        };
        let lists = Offers::read(&call).await?;
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(show_new(&call, status, &typed, &wrong, &lists));
    }
    let wrong = match password_page::make(&call).await? {
        None => Wrong {
            form: Some(says.busy.to_owned()),
            ..Wrong::default()
        },
        Some((password, hash)) => {
            let made = call.write(move |c, act, _| {
                let made = once.once(c, act.now, |c| users::create(c, act, new, &hash));
                match made {
                    Err(DomainError::AlreadyExists(_)) => Ok(Err(None)),
                    made => Ok(clients::told(made)?.map_err(Some)),
                }
            });
            match made.await? {
                Ok(Some(user)) => {
                    let title = (says.made)(&user.login);
                    let on = format!("{HERE}/{}", user.id);
                    return Ok(password_page::show(
                        &call,
                        &title,
                        &user.login,
                        &password,
                        &on,
                    ));
                }
                Ok(None) => return clients::already(&call, HERE, says.title),
                Err(Some(("", error))) => Wrong {
                    form: Some(call.text().refusal(&error)),
                    ..Wrong::default()
                },
                Err(Some((field, _))) => Wrong::of(&call, field),
                Err(None) => Wrong {
                    login: Some(says.login_taken),
                    ..Wrong::default()
                },
            }
        }
    };
    let lists = Offers::read(&call).await?;
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(show_new(&call, status, &typed, &wrong, &lists))
}

fn show_new(
    call: &PageCall,
    status: StatusCode,
    typed: &Typed,
    wrong: &Wrong,
    lists: &Offers,
) -> HttpResponse {
    let text = call.text();
    let says = &text.admin.users;
    let fields = html! {
        (problem(call, wrong))
        (Field {
            name: "login",
            label: says.login,
            hint: says.login_hint,
            value: &typed.login,
            error: wrong.login,
            autocomplete: "off",
            limit: Some(100),
            is_first: wrong.is_right(),
            ..Field::default()
        }.show(text))
        (details(call, typed, wrong))
        div.field {
            label for="list" { (says.list) }
            select id="list" name="list" {
                @for list in &lists.lists {
                    @let id = list.id.to_string();
                    option value=(id) selected[id == typed.list] { (list.presentation) }
                }
            }
        }
        (lists.show(call))
        (call.confirm_if_old_field(text.clients.form.current_password, wrong.password.as_deref()))
        (call.once_field())
        div.row {
            button.main type="submit" { (says.create) }
            a href=(HERE) { (says.cancel) }
        }
    };
    let body = html! {
        h1 { (says.new_title) }
        (call.shell.form(HERE, "stack", &fields))
    };
    call.shell.answer(status, says.new_title, &body)
}

fn problem(call: &PageCall, wrong: &Wrong) -> Markup {
    html! {
        @if let Some(sentence) = &wrong.form { (alert(sentence)) }
        @else if !wrong.is_right() { (alert(call.text().admin.users.problem)) }
    }
}

fn details(call: &PageCall, typed: &Typed, wrong: &Wrong) -> Markup {
    let text = call.text();
    let says = &text.admin.users;
    let field = |name, label, value, error| {
        let field = Field {
            name,
            label,
            value,
            error,
            is_optional: true,
            limit: Some(254),
            ..Field::default()
        };
        field.show(text)
    };
    html! {
        (field("presentation", says.name, &typed.presentation, wrong.presentation))
        (field("email", says.email, &typed.email, wrong.email))
        (field("phone", says.phone, &typed.phone, wrong.phone))
        div.field {
            label for="role" { (says.role) }
            p.hint #role-hint { (says.role_hint) }
            select id="role" name="role" aria-describedby="role-hint" {
                @for role in [Role::Member, Role::Administrator] {
                    option value=(role.as_str()) selected[role.as_str() == typed.role] {
                        (super::users::role(text, role))
                    }
                }
            }
        }
    }
}

/// `GET /console/admin/users/{id}/edit`
pub async fn edit_form(call: PageCall) -> PageResult {
    let user = super::user::find(&call).await?;
    let typed = Typed::of(&user);
    Ok(show_edit(
        &call,
        StatusCode::OK,
        &user,
        &typed,
        &Wrong::default(),
    ))
}

/// `POST /console/admin/users/{id}/edit`
pub async fn edit(call: PageCall) -> PageResult {
    let user = super::user::find(&call).await?;
    let typed = Typed::read(&call)?;
    let role = typed.role()?;
    // Another role can open more than any key.
    if role != user.role
        && let Some(problem) = call.confirm_if_old().await?
    {
        let wrong = Wrong {
            password: Some(problem),
            ..Wrong::default()
        };
        let status = StatusCode::UNPROCESSABLE_ENTITY;
        return Ok(show_edit(&call, status, &user, &typed, &wrong));
    }
    let update = UserUpdate {
        presentation: Some(typed.presentation.clone()),
        email: Some(given(&typed.email)),
        phone: Some(given(&typed.phone)),
        role: Some(role),
        active: None,
    };
    let of: (UserListId, UserId) = (user.user_list_id, user.id);
    let changed =
        call.write(move |c, act, _| clients::told(user_changes::update(c, act, of, update)));
    match changed.await? {
        Ok(user) => {
            let to = format!("{HERE}/{}", user.id);
            call.done(&to, Notice::UserChanged, &user.login)
        }
        Err((field, error)) => {
            let mut wrong = Wrong::of(&call, field);
            if field.is_empty() {
                wrong.form = Some(call.text().refusal(&error));
            }
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(show_edit(&call, status, &user, &typed, &wrong))
        }
    }
}

fn show_edit(
    call: &PageCall,
    status: StatusCode,
    user: &User,
    typed: &Typed,
    wrong: &Wrong,
) -> HttpResponse {
    let says = &call.text().admin.users;
    let one = format!("{HERE}/{}", user.id);
    let fields = html! {
        (problem(call, wrong))
        (details(call, typed, wrong))
        @if let Some(problem) = &wrong.password {
            (call.confirm_field(call.text().clients.form.current_password, Some(problem)))
        }
        div.row {
            button.main type="submit" { (says.save) }
            a href=(one) { (says.cancel) }
        }
    };
    let title = (says.edit_title)(&user.login);
    let body = html! {
        h1 { (title) }
        (call.shell.form(&format!("{one}/edit"), "stack", &fields))
    };
    call.shell.answer(status, &title, &body)
}

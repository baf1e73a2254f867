//! The scopes that an application defines for itself: one more, one less.

use actix_web::http::StatusCode;
use maud::{Markup, html};

use super::show::Wrong;
use super::{find, path, refused, show};
use crate::domain::application_changes::{self, ApplicationUpdate};
use crate::domain::{Act, AnyConnection, DomainError, applications};
use crate::http::pages::notice::Notice;
use crate::http::pages::parts::{Field, Table};
use crate::http::pages::{PageCall, PageError, PageResult};
use crate::model::application::Application;
use crate::model::application_scope::{ApplicationScope, DESCRIPTION_LENGTH, SCOPE_LENGTH};
use crate::model::public_url::PublicUrl;
use crate::model::text::without_blanks;

/// `POST /console/admin/applications/{id}/scopes`
pub async fn add(call: PageCall) -> PageResult {
    let before = find(&call).await?;
    let scope = ApplicationScope {
        name: without_blanks(call.form.value("scope_name")?).to_owned(),
        description: without_blanks(call.form.value("scope_description")?).to_owned(),
    };
    let (typed, added) = (scope.name.clone(), scope.clone());
    let changed = change(&call, before, move |scopes| scopes.push(added)).await?;
    match changed {
        Ok(now) => call.done(
            &path(now.id, ""),
            Notice::ApplicationChanged,
            &now.display_name,
        ),
        Err(_) => {
            let wrong = Wrong {
                scope: Some((typed, scope.description)),
                list: false,
            };
            show::answer(&call, StatusCode::UNPROCESSABLE_ENTITY, &wrong).await
        }
    }
}

/// `POST /console/admin/applications/{id}/scopes/remove`
pub async fn remove(call: PageCall) -> PageResult {
    let before = find(&call).await?;
    let name = call.form.value("scope_name")?.to_owned();
    let changed = change(&call, before, move |scopes| {
        scopes.retain(|scope| scope.name != name);
    });
    match changed.await? {
        Ok(now) => call.done(
            &path(now.id, ""),
            Notice::ApplicationChanged,
            &now.display_name,
        ),
        Err(field) => Err(PageError::Invalid(field.to_owned())),
    }
}

/// Changes the scopes as they stand in the same transaction, so that no other change is lost.
async fn change(
    call: &PageCall,
    before: Application,
    edit: impl FnOnce(&mut Vec<ApplicationScope>) + Send + 'static,
) -> Result<Result<Application, &'static str>, PageError> {
    let id = before.id;
    call.write(move |c, act, app| {
        let mut scopes = applications::find(c, &act.authority, id)?.scopes;
        edit(&mut scopes);
        refused(update(c, act, &app.public_url, &before, scopes))
    })
    .await
}

fn update(
    c: &mut AnyConnection,
    act: &Act,
    public_url: &PublicUrl,
    before: &Application,
    scopes: Vec<ApplicationScope>,
) -> Result<Application, DomainError> {
    let update = ApplicationUpdate {
        scopes: Some(scopes),
        ..ApplicationUpdate::default()
    };
    let updated = application_changes::update(c, act, public_url, before.id, update)?;
    Ok(updated.application)
}

/// The scopes, and the form for one more.
pub fn part(call: &PageCall, application: &Application, wrong: &Wrong) -> Markup {
    let text = call.text();
    let says = &text.applications;
    let id = application.id;
    let is_there = application.deleted_at.is_none();
    let mut table = Table::new(
        says.scopes,
        &[says.scope_name, says.scope_description, says.act],
    );
    for scope in &application.scopes {
        let fields = html! {
            input type="hidden" name="scope_name" value=(scope.name);
            button type="submit" { (says.remove) }
        };
        table.row(vec![
            html! { code { (scope.name) } },
            html! { (scope.description) },
            html! { @if is_there { (call.shell.form(&path(id, "scopes/remove"), "", &fields)) } },
        ]);
    }
    let (name, description) = wrong.scope.clone().unwrap_or_default();
    let fields = html! {
        (Field {
            name: "scope_name",
            label: says.scope_name,
            value: &name,
            error: wrong.scope.as_ref().map(|_| says.scope_wrong),
            limit: Some(SCOPE_LENGTH),
            autocomplete: "off",
            ..Field::default()
        }.show(text))
        (Field {
            name: "scope_description",
            label: says.scope_description,
            value: &description,
            limit: Some(DESCRIPTION_LENGTH),
            is_optional: true,
            ..Field::default()
        }.show(text))
        div { button type="submit" { (says.add_scope) } }
    };
    html! {
        h2 { (says.scopes) }
        @if application.scopes.is_empty() { p { (says.no_scopes) } } @else { (table.show()) }
        @if is_there { (call.shell.form(&path(id, "scopes"), "inline", &fields)) }
    }
}

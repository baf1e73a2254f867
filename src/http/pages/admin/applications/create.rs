//! A new application: its form, and its registration.

use std::collections::HashMap;

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use maud::html;

use super::{HERE, TAKEN, URI_TAKEN, path, refused, wrong};
use crate::domain::applications::{self, NewApplication};
use crate::http::pages::admin::list_offers::{self, Offers};
use crate::http::pages::notice::Notice;
use crate::http::pages::parts::{Field, alert};
use crate::http::pages::{PageCall, PageError, PageResult};
use crate::model::application::{Application, ApplicationSource, DbmsType};
use crate::model::ids::UserListId;
use crate::model::text::without_blanks;

/// What is typed, kept so that it can be shown again.
#[derive(Clone, Default, Debug)]
struct Typed {
    name: String,
    uri: String,
    display_name: String,
    description: String,
    user_lists: Vec<String>,
}

/// What is wrong, by the field.
type Wrong = HashMap<&'static str, &'static str>;

/// `GET /console/admin/applications/new`
pub async fn form(call: PageCall) -> PageResult {
    let lists = Offers::read(&call).await?;
    let typed = Typed::default();
    Ok(show(&call, StatusCode::OK, &typed, &Wrong::new(), &lists))
}

/// `POST /console/admin/applications`
pub async fn create(call: PageCall) -> PageResult {
    let once = call.once()?;
    let typed = Typed {
        name: without_blanks(call.form.value("name")?).to_owned(),
        uri: without_blanks(&call.form.values("uri").concat()).to_owned(),
        display_name: without_blanks(call.form.value("display_name")?).to_owned(),
        description: without_blanks(call.form.value("description")?).to_owned(),
        user_lists: call.form.values("user_list"),
    };
    let ids: Option<Vec<UserListId>> = typed
        .user_lists
        .iter()
        .map(|id| UserListId::parse(id))
        .collect();
    let mut ids = ids.ok_or(PageError::FormMalformed)?;
    let says = &call.text().applications;
    match list_offers::named(&call).await? {
        None => {}
        Some(Ok(named)) => ids.push(named),
        Some(Err(())) => {
            let wrong = Wrong::from([("user-lists", says.list_wrong)]);
            let lists = Offers::read(&call).await?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(show(&call, status, &typed, &wrong, &lists));
        }
    }
    let has_uri = !typed.uri.is_empty();
    let new = new(&typed, ids);
    let made = call.write(move |c, act, app| {
        refused(once.once(c, act.now, |c| {
            applications::create(c, act, &app.public_url, new)
        }))
    });
    let problem = match made.await? {
        Ok(Some(Application {
            id, display_name, ..
        })) => {
            return call.done(&path(id, ""), Notice::ApplicationMade, &display_name);
        }
        Ok(None) => return Err(PageError::MadeBefore),
        Err(TAKEN) => ("publication-context", says.name_taken),
        // The one that comes from the name has no field of its own.
        Err(URI_TAKEN) if !has_uri => ("publication-context", says.name_taken),
        Err(URI_TAKEN) => ("uri", says.uri_taken),
        Err(field) => (field, wrong(says, field)),
    };
    let lists = Offers::read(&call).await?;
    let status = StatusCode::UNPROCESSABLE_ENTITY;
    Ok(show(&call, status, &typed, &Wrong::from([problem]), &lists))
}

fn new(typed: &Typed, user_lists: Vec<UserListId>) -> NewApplication {
    NewApplication {
        name: typed.name.clone(),
        uri: Some(typed.uri.clone()).filter(|uri| !uri.is_empty()),
        display_name: typed.display_name.clone(),
        description: typed.description.clone(),
        // Nothing is built for what is registered here.
        source: ApplicationSource {
            kind: "repository".to_owned(),
            project_version_id: None,
            image_id: None,
        },
        space_id: None,
        technology_version: String::new(),
        development_mode: false,
        autostarting_scheduled_jobs: false,
        autostarting_esb: false,
        default_time_zone: None,
        default_locale: None,
        dbms_type: DbmsType::File,
        default_user_list: None,
        user_lists,
    }
}

fn show(
    call: &PageCall,
    status: StatusCode,
    typed: &Typed,
    wrong: &Wrong,
    lists: &Offers,
) -> HttpResponse {
    let text = call.text();
    let says = &text.applications;
    let fields = html! {
        @if let Some(wrong) = wrong.get("") { (alert(wrong)) }
        (Field {
            name: "name",
            label: says.name,
            hint: says.name_hint,
            value: &typed.name,
            error: wrong.get("publication-context").copied(),
            limit: Some(100),
            autocomplete: "off",
            is_first: wrong.is_empty(),
            ..Field::default()
        }.show(text))
        (Field {
            name: "display_name",
            label: says.display_name,
            value: &typed.display_name,
            error: wrong.get("display-name").copied(),
            limit: Some(100),
            ..Field::default()
        }.show(text))
        (Field {
            name: "description",
            label: says.description,
            value: &typed.description,
            error: wrong.get("description").copied(),
            limit: Some(1000),
            is_optional: true,
            ..Field::default()
        }.show(text))
        (Field {
            name: "uri",
            label: says.uri,
            hint: says.new_uri_hint,
            value: &typed.uri,
            error: wrong.get("uri").copied(),
            limit: Some(512),
            autocomplete: "off",
            is_optional: true,
            ..Field::default()
        }.show(text))
        fieldset {
            legend { (says.user_lists) }
            p.hint { (says.user_lists_hint) }
            @if let Some(wrong) = wrong.get("user-lists") { p.wrong { (wrong) } }
            @for list in &lists.lists {
                @let id = list.id.to_string();
                label.choice {
                    input type="checkbox" name="user_list" value=(id)
                        checked[typed.user_lists.contains(&id)];
                    span { (list.presentation) }
                }
            }
            (lists.show(call))
        }
        (call.once_field())
        div.row {
            button.main type="submit" { (says.register) }
            a href=(HERE) { (text.shell.cancel) }
        }
    };
    let body = html! {
        h1 { (says.new_title) }
        (call.shell.form(HERE, "stack wide", &fields))
    };
    call.shell.answer(status, says.new_title, &body)
}

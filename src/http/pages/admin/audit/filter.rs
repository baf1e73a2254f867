//! Which events are asked for, as the query says it.

use maud::{Markup, html};

use crate::http::pages::parts::Field;
use crate::http::pages::{PageCall, PageError, without_controls};
use crate::model::audit::AuditFilter;
use crate::model::timestamp::Timestamp;

/// How many seconds a day has.
const DAY: i64 = 24 * 3600;
/// The names in the query, in the order of the form.
const NAMES: [&str; 7] = [
    "search",
    "actor",
    "kind",
    "object_kind",
    "object_id",
    "from",
    "until",
];

/// What was typed, under each name.
pub struct Typed([String; 7]);

impl Typed {
    pub fn read(call: &PageCall) -> Result<Self, PageError> {
        let query = call.query()?;
        let mut typed = Self(Default::default());
        for (value, name) in typed.0.iter_mut().zip(NAMES) {
            *value = without_controls(query.value(name)?);
        }
        Ok(typed)
    }

    /// What it means. The last day is asked for to its end.
    pub fn filter(&self, call: &PageCall) -> Result<AuditFilter, PageError> {
        let wrong = || PageError::Invalid(call.text().audit.date_wrong.to_owned());
        let day = |text: &str| match text.is_empty() {
            true => Ok(None),
            false => match Timestamp::parse(&format!("{text}T00:00:00Z")) {
                Some(at) if text.len() == 10 => Ok(Some(at)),
                _ => Err(wrong()),
            },
        };
        let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        let [search, actor, kind, object_kind, object_id, from, until] = &self.0;
        Ok(AuditFilter {
            actor: given(actor),
            key: None,
            kind: given(kind),
            object_kind: given(object_kind),
            object_id: given(object_id),
            from: day(from)?,
            until: day(until)?.map(|at| at.plus_seconds(DAY)),
            search: given(search),
        })
    }

    /// An address with the same query, ending in `?` or `&`.
    pub fn address(&self, path: &str) -> String {
        let mut query =
            url::form_urlencoded::Serializer::for_suffix(format!("{path}?"), path.len() + 1);
        for (value, name) in self.0.iter().zip(NAMES) {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        let query = query.finish();
        match query.ends_with('?') {
            true => query,
            false => format!("{query}&"),
        }
    }

    /// The form, with the way to `file`, which has what is asked for.
    pub fn form(&self, call: &PageCall, here: &str, file: &str) -> Markup {
        let text = call.text();
        let says = &text.audit;
        let labels = [
            says.search,
            says.actor,
            says.kind,
            says.object_kind,
            says.object_id,
            says.from,
            says.until,
        ];
        html! {
            form.filters.card method="get" action=(here) role="search" {
                @for ((name, label), value) in NAMES.into_iter().zip(labels).zip(&self.0) {
                    @let kind = if matches!(name, "from" | "until") { "date" } else { "text" };
                    (Field { name, label, value, kind, is_optional: true, ..Field::default() }.show(text))
                }
                div.row {
                    button.main type="submit" { (says.filter) }
                    a.button href=(file) { (says.export) }
                    a href=(here) { (text.clients.list.show_all) }
                }
            }
        }
    }
}

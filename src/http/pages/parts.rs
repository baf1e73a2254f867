//! What pages are put together from: fields, tables, lists, pages of a list, times.

use maud::{Markup, html};

use super::text::Text;
use crate::model::page::Window;
use crate::model::timestamp::Timestamp;

/// A field of a form with its label, its hint, and what is wrong with it.
#[derive(Clone, Copy, Default)]
pub struct Field<'a> {
    pub name: &'a str,
    pub label: &'a str,
    /// `text` unless given.
    pub kind: &'a str,
    pub value: &'a str,
    pub hint: &'a str,
    pub error: Option<&'a str>,
    pub autocomplete: &'a str,
    /// The most characters.
    pub limit: Option<usize>,
    pub is_optional: bool,
    pub is_first: bool,
}

impl Field<'_> {
    pub fn show(&self, text: &Text) -> Markup {
        let name = self.name;
        let hint = (!self.hint.is_empty()).then(|| format!("{name}-hint"));
        let error = self.error.map(|_| format!("{name}-error"));
        let described: Vec<String> = [error.clone(), hint.clone()]
            .into_iter()
            .flatten()
            .collect();
        let described = (!described.is_empty()).then(|| described.join(" "));
        let kind = if self.kind.is_empty() {
            "text"
        } else {
            self.kind
        };
        let autocomplete = (!self.autocomplete.is_empty()).then_some(self.autocomplete);
        // A login, a code and a password are typed as they are.
        let is_plain = !self.autocomplete.is_empty();
        html! {
            div.field {
                label for=(name) { (self.label) }
                @if let Some(id) = &hint { p.hint id=(id) { (self.hint) } }
                @if let (Some(id), Some(error)) = (&error, self.error) {
                    p.wrong id=(id) {
                        span.hidden { (text.shell.error) " " } (error)
                    }
                }
                input id=(name) name=(name) type=(kind) value=(self.value)
                    autocomplete=[autocomplete] maxlength=[self.limit]
                    required[!self.is_optional] autofocus[self.is_first || self.error.is_some()]
                    autocapitalize=[is_plain.then_some("none")]
                    spellcheck=[is_plain.then_some("false")]
                    aria-invalid=[self.error.map(|_| "true")] aria-describedby=[described];
            }
        }
    }
}

/// What is wrong with a form as a whole.
pub fn alert(sentence: &str) -> Markup {
    html! { p.alert role="alert" { (sentence) } }
}

/// A field to search a list by; `address` is the list's.
pub fn search_form(text: &Text, label: &str, search: Option<&str>, address: &str) -> Markup {
    let list = &text.clients.list;
    html! {
        form.search method="get" action=(address) role="search" {
            label.hidden for="search" { (label) }
            input id="search" name="search" type="search" maxlength="100" placeholder=(label)
                value=(search.unwrap_or_default());
            button type="submit" { (list.search_button) }
            @if search.is_some() { a href=(address) { (list.show_all) } }
        }
    }
}

/// The address of a list that is searched, ready for the page's number.
pub fn list_address(address: &str, search: Option<&str>) -> String {
    let Some(search) = search else {
        return format!("{address}?");
    };
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("search", search)
        .finish();
    format!("{address}?{query}&")
}

/// A moment, in ISO 8601 with its zone, to the minute. A line ends before the day or before the hour.
pub fn time(moment: Timestamp) -> Markup {
    let whole = moment.to_string();
    let minute = whole.get(..16).unwrap_or(&whole);
    let (day, hour) = minute.split_once('T').unwrap_or((minute, ""));
    html! { time datetime=(whole) { span.whole { (day) } " " span.whole { (hour) " UTC" } } }
}

/// A value that people copy, with a button for it where the browser can.
pub fn copied(text: &Text, id: &str, value: &str) -> Markup {
    html! {
        span.copy {
            code id=(id) { (value) }
            button.quiet type="button" hidden data-copy=(id) data-copied=(text.shell.copied) {
                (text.shell.copy)
            }
        }
    }
}

/// One of the things that can be done on a page: what it does, and the button or the link for it.
/// `control` is given the id of that sentence, which describes it.
pub fn act(name: &str, hint: &str, control: impl FnOnce(&str) -> Markup) -> Markup {
    let id = format!("about-{name}");
    html! {
        li {
            p.hint id=(id) { (hint) }
            (control(&id))
        }
    }
}

/// A table; on a narrow screen every row becomes a card, and every cell tells its column.
pub struct Table<'a> {
    name: &'a str,
    columns: Vec<&'a str>,
    rows: Vec<Vec<Markup>>,
}

impl<'a> Table<'a> {
    pub fn new(name: &'a str, columns: &[&'a str]) -> Self {
        Self {
            name,
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; its first cell names it.
    pub fn row(&mut self, cells: Vec<Markup>) {
        self.rows.push(cells);
    }

    // The roles are what the elements have anyway; some browsers forget them when a style makes
    // cards of the rows.
    pub fn show(&self) -> Markup {
        html! {
            // The name is for those who do not see the heading above it.
            table role="table" aria-label=(self.name) {
                thead role="rowgroup" {
                    tr role="row" {
                        @for column in &self.columns {
                            th scope="col" role="columnheader" { (column) }
                        }
                    }
                }
                tbody role="rowgroup" {
                    @for cells in &self.rows {
                        tr role="row" {
                            @for (at, (column, cell)) in self.columns.iter().zip(cells).enumerate() {
                                @if at == 0 {
                                    th scope="row" role="rowheader" data-label=(column) { (cell) }
                                } @else {
                                    td role="cell" data-label=(column) { div { (cell) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Where somebody is in a list, and the way to its other pages. `address` is the list's with its
/// filters, ending in `?` or `&`.
pub fn pager(text: &Text, address: &str, window: Window, total: i64) -> Markup {
    let Window::Page { number, size } = window else {
        return html! {};
    };
    let first = number.saturating_mul(size);
    let last = first.saturating_add(size).min(total);
    let shell = &text.shell;
    html! {
        @if total > size || number > 0 {
            nav.pager aria-label=(shell.pages) {
                @if number > 0 {
                    a rel="prev" href={ (address) "page=" (number - 1) } { (shell.previous) }
                }
                span { ((shell.range)((first + 1).min(last), last, total)) }
                @if last < total {
                    a rel="next" href={ (address) "page=" (number + 1) } { (shell.next) }
                }
            }
        }
    }
}

//! English: the audit log.

use crate::http::pages::text::Audit;

pub const AUDIT: Audit = Audit {
    title: "Audit log",
    lead: "Who did what to what, the newest first. No secret stands in it.",
    at: "When",
    kind: "Event",
    actor: "By",
    object: "To",
    object_kind: "Kind of object",
    object_id: "Object's id",
    details: "Details",
    from: "From",
    until: "To the end of",
    search: "Anywhere in it",
    filter: "Filter",
    export: "Export as CSV",
    nothing_found: "No event fits.",
    date_wrong: "A date is written as year-month-day.",
};

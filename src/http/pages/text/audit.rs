//! What is said about the audit log.

pub struct Audit {
    pub title: &'static str,
    pub lead: &'static str,
    pub at: &'static str,
    pub kind: &'static str,
    pub actor: &'static str,
    pub object: &'static str,
    pub object_kind: &'static str,
    pub object_id: &'static str,
    pub details: &'static str,
    pub from: &'static str,
    pub until: &'static str,
    pub search: &'static str,
    pub filter: &'static str,
    pub export: &'static str,
    pub nothing_found: &'static str,
    pub date_wrong: &'static str,
}

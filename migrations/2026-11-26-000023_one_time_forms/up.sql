-- Forms that make something, each of which does so once: those that were sent. A row goes when the
-- session in which the form was shown can no longer be alive.
CREATE TABLE one_time_forms (
    name    TEXT   NOT NULL PRIMARY KEY,
    sent_at BIGINT NOT NULL
);
CREATE INDEX one_time_forms_by_age ON one_time_forms (sent_at);

-- What was done, by whom, to what. Written in the transaction of the change itself.
CREATE TABLE audit_events (
    id          TEXT   NOT NULL PRIMARY KEY,
    at          BIGINT NOT NULL,
    actor       TEXT   NOT NULL,
    kind        TEXT   NOT NULL,
    object_kind TEXT   NOT NULL,
    object_id   TEXT   NOT NULL,
    details     TEXT   NOT NULL,
    request_id  TEXT
);
CREATE INDEX audit_events_by_time ON audit_events (at, id);

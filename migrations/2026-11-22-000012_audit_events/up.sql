-- What was done, by whom, to what. Written in the transaction of the change itself. `actor` is who,
-- and `key` the access key by which a user did it; so all that a user did is found by the actor.
CREATE TABLE audit_events (
    id          TEXT   NOT NULL PRIMARY KEY,
    at          BIGINT NOT NULL,
    actor       TEXT   NOT NULL,
    key         TEXT,
    kind        TEXT   NOT NULL,
    object_kind TEXT   NOT NULL,
    object_id   TEXT   NOT NULL,
    details     TEXT   NOT NULL,
    request_id  TEXT,
    search      TEXT   NOT NULL
);
-- One for each filter, in the order in which events are read.
CREATE INDEX audit_events_by_time ON audit_events (at, id);
CREATE INDEX audit_events_by_actor ON audit_events (actor, at, id);
CREATE INDEX audit_events_by_key ON audit_events (key, at, id);
CREATE INDEX audit_events_by_kind ON audit_events (kind, at, id);
CREATE INDEX audit_events_by_object_kind ON audit_events (object_kind, at, id);
CREATE INDEX audit_events_by_object ON audit_events (object_id, at, id);

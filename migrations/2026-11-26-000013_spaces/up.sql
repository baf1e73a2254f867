-- What applications and user lists are gathered in, and how many of them, and of their users, there
-- can be; null is no bound. No space is ever deleted. `owner_id` is the user who made it, null where
-- that was nobody.
CREATE TABLE spaces (
    id                       TEXT    NOT NULL PRIMARY KEY,
    owner_id                 TEXT REFERENCES users (id),
    name                     TEXT    NOT NULL,
    name_folded              TEXT    NOT NULL UNIQUE,
    applications_quota       BIGINT,
    users_quota              BIGINT,
    project_creation_allowed BOOLEAN NOT NULL,
    created_at               BIGINT  NOT NULL
);
CREATE INDEX spaces_by_age ON spaces (created_at, id);

-- Access keys (with an owner) and service clients (without). A deleted client's row stays, so that
-- its id is never used twice. `search` is the name, the description and the id, folded;
-- `application_scopes` is JSON: application ids, each with a list of scopes.
CREATE TABLE clients (
    id                 TEXT   NOT NULL PRIMARY KEY,
    user_id            TEXT REFERENCES users (id),
    name               TEXT   NOT NULL,
    description        TEXT   NOT NULL,
    search             TEXT   NOT NULL,
    scope              TEXT   NOT NULL,
    application_scopes TEXT   NOT NULL,
    audiences          TEXT   NOT NULL,
    lifetime           BIGINT NOT NULL,
    allowed_networks   TEXT   NOT NULL,
    expires_at         BIGINT,
    disabled_at        BIGINT,
    disabled_by        TEXT,
    generation         BIGINT NOT NULL,
    created_at         BIGINT NOT NULL,
    deleted_at         BIGINT
);
CREATE INDEX clients_by_user ON clients (user_id, created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX clients_without_user ON clients (created_at, id)
    WHERE user_id IS NULL AND deleted_at IS NULL;
CREATE INDEX clients_by_expiry ON clients (expires_at, id) WHERE deleted_at IS NULL;

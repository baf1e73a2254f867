-- Access keys (with an owner) and service clients (without). A deleted client's row stays, so that
-- its id is never used twice.
CREATE TABLE clients (
    id               TEXT   NOT NULL PRIMARY KEY,
    user_id          TEXT REFERENCES users (id),
    name             TEXT   NOT NULL,
    description      TEXT   NOT NULL,
    scope            TEXT   NOT NULL,
    audiences        TEXT   NOT NULL,
    lifetime         BIGINT NOT NULL,
    allowed_networks TEXT   NOT NULL,
    expires_at       BIGINT,
    disabled_at      BIGINT,
    disabled_by      TEXT,
    generation       BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    deleted_at       BIGINT
);
CREATE INDEX clients_by_user ON clients (user_id, created_at, id);

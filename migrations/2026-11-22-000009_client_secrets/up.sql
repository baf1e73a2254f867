-- At most two live ones for each client. `digest` is keyed, so that a dump tells nothing.
CREATE TABLE client_secrets (
    id            TEXT   NOT NULL PRIMARY KEY,
    client_id     TEXT   NOT NULL REFERENCES clients (id),
    digest        TEXT   NOT NULL,
    digest_key_id TEXT   NOT NULL REFERENCES digest_keys (id),
    created_at    BIGINT NOT NULL,
    expires_at    BIGINT,
    quiet_for     BIGINT
);
CREATE INDEX client_secrets_by_client ON client_secrets (client_id, created_at, id);

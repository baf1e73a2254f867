-- Browsers in which somebody is signed in, or is about to be once they have given a code. `digest`
-- is keyed, so that a dump tells nothing that a browser could be given.
CREATE TABLE sessions (
    id            TEXT   NOT NULL PRIMARY KEY,
    digest        TEXT   NOT NULL UNIQUE,
    digest_key_id TEXT   NOT NULL REFERENCES digest_keys (id),
    user_id       TEXT   NOT NULL REFERENCES users (id),
    stage         TEXT   NOT NULL,
    tries         BIGINT NOT NULL,
    peer          TEXT   NOT NULL,
    agent         TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    confirmed_at  BIGINT NOT NULL,
    last_seen_at  BIGINT NOT NULL
);
CREATE INDEX sessions_by_user ON sessions (user_id, created_at, id);
CREATE INDEX sessions_by_age ON sessions (last_seen_at);

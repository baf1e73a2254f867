-- What helps somebody in who lost their second factor, once each. `digest` is keyed.
CREATE TABLE recovery_codes (
    id            TEXT   NOT NULL PRIMARY KEY,
    user_id       TEXT   NOT NULL REFERENCES users (id),
    digest        TEXT   NOT NULL,
    digest_key_id TEXT   NOT NULL REFERENCES digest_keys (id),
    created_at    BIGINT NOT NULL,
    used_at       BIGINT
);
CREATE INDEX recovery_codes_by_user ON recovery_codes (user_id, id);

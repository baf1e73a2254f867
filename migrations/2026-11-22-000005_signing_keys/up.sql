-- The keys that sign tokens: the private half is wrapped under the master key.
CREATE TABLE signing_keys (
    kid          TEXT   NOT NULL PRIMARY KEY,
    state        TEXT   NOT NULL,
    bits         BIGINT NOT NULL,
    sealed       TEXT   NOT NULL,
    published_at BIGINT NOT NULL,
    activated_at BIGINT
);

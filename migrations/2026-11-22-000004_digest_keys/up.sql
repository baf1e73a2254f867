-- The keys under which client secrets are digested, wrapped under the master key.
CREATE TABLE digest_keys (
    id         TEXT   NOT NULL PRIMARY KEY,
    sealed     TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);

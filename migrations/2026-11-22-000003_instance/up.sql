-- What this database was set up with. The row appears with the first start.
CREATE TABLE instance (
    id                     BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    master_key_fingerprint TEXT   NOT NULL,
    created_at             BIGINT NOT NULL
);

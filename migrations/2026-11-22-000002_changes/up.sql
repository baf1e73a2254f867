-- The change log: what the directory must forget and read again.
CREATE TABLE changes (
    number     BIGINT NOT NULL PRIMARY KEY,
    kind       TEXT   NOT NULL,
    subject    TEXT   NOT NULL,
    changed_at BIGINT NOT NULL
);

-- The uris that applications had before they got others: no audience any more, and never another
-- application's.
CREATE TABLE application_uris (
    uri            TEXT   NOT NULL PRIMARY KEY,
    application_id TEXT   NOT NULL REFERENCES applications (id),
    given_up_at    BIGINT NOT NULL
);

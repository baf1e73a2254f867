-- Protected resources. A deleted application's row stays: neither its name nor its uri, which
-- tokens out there may still name, is ever given to another.
CREATE TABLE applications (
    id                          TEXT    NOT NULL PRIMARY KEY,
    name                        TEXT    NOT NULL UNIQUE,
    display_name                TEXT    NOT NULL,
    description                 TEXT    NOT NULL,
    uri                         TEXT    NOT NULL UNIQUE,
    status                      TEXT    NOT NULL,
    source_kind                 TEXT    NOT NULL,
    project_version_id          TEXT,
    image_id                    TEXT,
    space_id                    TEXT,
    technology_version          TEXT    NOT NULL,
    development_mode            BOOLEAN NOT NULL,
    autostarting_scheduled_jobs BOOLEAN NOT NULL,
    autostarting_esb            BOOLEAN NOT NULL,
    default_time_zone           TEXT,
    default_locale              TEXT,
    dbms_type                   TEXT    NOT NULL,
    default_user_list_id        TEXT REFERENCES user_lists (id),
    -- [{"name", "description"}], as JSON.
    scopes                      TEXT    NOT NULL,
    -- What a search looks through, folded.
    search                      TEXT    NOT NULL,
    created_at                  BIGINT  NOT NULL,
    deleted_at                  BIGINT
);
-- Each with what it is for alone, so that a page far down is reached within the index.
CREATE INDEX applications_by_age ON applications (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX applications_deleted_by_age ON applications (created_at, id)
    WHERE deleted_at IS NOT NULL;
CREATE INDEX applications_by_space ON applications (space_id) WHERE deleted_at IS NULL;

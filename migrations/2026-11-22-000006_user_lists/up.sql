-- A deleted list's row stays, since the rows of its former users name it. `space_id` is a row of
-- spaces, a younger table. The three flags of self-registration are only recorded.
CREATE TABLE user_lists (
    id                      TEXT    NOT NULL PRIMARY KEY,
    presentation            TEXT    NOT NULL,
    presentation_folded     TEXT    NOT NULL,
    space_id                TEXT,
    include_personal_data   BOOLEAN NOT NULL,
    self_registration       BOOLEAN NOT NULL,
    self_registration_phone BOOLEAN NOT NULL,
    self_registration_email BOOLEAN NOT NULL,
    created_at              BIGINT  NOT NULL,
    deleted_at              BIGINT
);
CREATE INDEX user_lists_by_age ON user_lists (created_at, id) WHERE deleted_at IS NULL;
CREATE INDEX user_lists_by_space ON user_lists (space_id) WHERE deleted_at IS NULL;

-- A deleted user's row stays, so that the id is never used twice; what it said about the person
-- is wiped, and `login_folded` becomes '#' and the id, which no login can be. `search` is the login,
-- the presentation, the email and the phone, folded.
CREATE TABLE users (
    id                 TEXT    NOT NULL PRIMARY KEY,
    user_list_id       TEXT    NOT NULL REFERENCES user_lists (id),
    login              TEXT    NOT NULL,
    login_folded       TEXT    NOT NULL UNIQUE,
    presentation       TEXT    NOT NULL,
    email              TEXT,
    phone              TEXT,
    search             TEXT    NOT NULL,
    role               TEXT    NOT NULL,
    password_hash      TEXT    NOT NULL,
    password_temporary BOOLEAN NOT NULL,
    disabled_at        BIGINT,
    disabled_by        TEXT,
    generation         BIGINT  NOT NULL,
    created_at         BIGINT  NOT NULL,
    deleted_at         BIGINT
);
CREATE INDEX users_by_list ON users (user_list_id, login_folded) WHERE deleted_at IS NULL;
CREATE INDEX users_by_login ON users (login_folded) WHERE deleted_at IS NULL;

-- Users beside an application: connected by name, or, without by_name, a setting of somebody who is
-- connected through their list, which means nothing while that list is not connected. A user's list
-- and login stay what they are, and stand here so that a list of these asks nobody else.
CREATE TABLE application_users (
    application_id      TEXT    NOT NULL REFERENCES applications (id),
    user_id             TEXT    NOT NULL REFERENCES users (id),
    user_list_id        TEXT    NOT NULL REFERENCES user_lists (id),
    login_folded        TEXT    NOT NULL,
    by_name             BOOLEAN NOT NULL,
    presentation        TEXT    NOT NULL,
    presentation_folded TEXT    NOT NULL,
    is_admin            BOOLEAN NOT NULL,
    token_access        BOOLEAN NOT NULL,
    connected_at        BIGINT  NOT NULL,
    PRIMARY KEY (application_id, user_id)
);
CREATE INDEX application_users_by_age ON application_users (application_id, connected_at, user_id);
CREATE INDEX application_users_by_user ON application_users (user_id, application_id);

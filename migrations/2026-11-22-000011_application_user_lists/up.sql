-- Which lists' users may get tokens for an application.
CREATE TABLE application_user_lists (
    application_id TEXT   NOT NULL REFERENCES applications (id),
    user_list_id   TEXT   NOT NULL REFERENCES user_lists (id),
    place          BIGINT NOT NULL,
    PRIMARY KEY (application_id, user_list_id)
);
CREATE INDEX application_user_lists_by_list ON application_user_lists (user_list_id, application_id);

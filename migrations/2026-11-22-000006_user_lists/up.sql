CREATE TABLE user_lists (
    id           TEXT   NOT NULL PRIMARY KEY,
    presentation TEXT   NOT NULL,
    created_at   BIGINT NOT NULL
);

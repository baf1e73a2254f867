-- What a user's one-time codes are made from, wrapped under the master key. Until a first code has
-- shown that the user has it too, `confirmed_at` is null and nothing asks for codes. A step of time
-- is used once: `last_step` is the last one.
CREATE TABLE second_factors (
    user_id        TEXT   NOT NULL PRIMARY KEY REFERENCES users (id),
    sealed         TEXT   NOT NULL,
    last_step      BIGINT NOT NULL,
    tries          BIGINT NOT NULL,
    tries_since_at BIGINT NOT NULL,
    created_at     BIGINT NOT NULL,
    confirmed_at   BIGINT
);

-- One row is a right password that was given without a right code behind it: the id is that of the
-- session that waited. The user is told of it at the next sign-in, and sees it until the password is
-- changed. `told_at` is null until then.
CREATE TABLE half_sign_ins (
    id       TEXT   NOT NULL PRIMARY KEY,
    user_id  TEXT   NOT NULL REFERENCES users (id),
    peer     TEXT   NOT NULL,
    agent    TEXT   NOT NULL,
    at       BIGINT NOT NULL,
    told_at  BIGINT
);
CREATE INDEX half_sign_ins_by_user ON half_sign_ins (user_id, at, id);

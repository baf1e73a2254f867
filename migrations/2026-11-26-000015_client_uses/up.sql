-- When and how a client was used: one row for each that ever was, written in batches. `secrets` is
-- a JSON object: a secret's id with {at, from}; `days` is one: a UTC day with the tokens issued on it.
CREATE TABLE client_uses (
    client_id      TEXT   NOT NULL PRIMARY KEY REFERENCES clients (id),
    first_used_at  BIGINT NOT NULL,
    last_used_at   BIGINT NOT NULL,
    last_used_from TEXT   NOT NULL,
    secrets        TEXT   NOT NULL,
    scopes         TEXT   NOT NULL,
    days           TEXT   NOT NULL
);

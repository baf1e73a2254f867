-- The highest time of day that a server was sure of: it only rises. No row yet means that no server
-- has run since the table was made. `padding` is written to see whether anything of some size can be, and
-- is null otherwise.
CREATE TABLE clock_marks (
    id         BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    highest_at BIGINT NOT NULL,
    padding    TEXT
);

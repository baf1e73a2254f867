-- The head of the change log. Every write that the directory cares about raises `number` first,
-- so this one row also puts writers in line.
CREATE TABLE change_head (
    id     BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch  TEXT   NOT NULL,
    number BIGINT NOT NULL
);
INSERT INTO change_head (id, epoch, number) VALUES (1, '', 0);

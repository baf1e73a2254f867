-- When a password ends that somebody else set. Null: the user chose it, or it was set by a version
-- that let it live for ever; the program gives it an end when it starts.
ALTER TABLE users ADD COLUMN password_ends_at BIGINT;

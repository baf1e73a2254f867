ALTER TABLE users DROP COLUMN password_ends_at;

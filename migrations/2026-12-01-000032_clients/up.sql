-- Whether a client may make people, let them in and change their roles though it ends, is bound to
-- networks or has tokens of a short life. Null: it was made before there was the mark, and lacks it.
ALTER TABLE clients ADD COLUMN provisions_users BOOLEAN;

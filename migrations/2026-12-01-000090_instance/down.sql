ALTER TABLE instance DROP COLUMN text_version;

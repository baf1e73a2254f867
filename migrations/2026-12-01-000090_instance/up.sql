-- By which rules the folded columns were folded. Null: by those of a version that did not say.
-- The program folds them again when it starts.
ALTER TABLE instance ADD COLUMN text_version BIGINT;

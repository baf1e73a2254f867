-- What a deleted client was is not kept.
SELECT 1;

-- A generation is not taken down again: it only rises.
SELECT 1;

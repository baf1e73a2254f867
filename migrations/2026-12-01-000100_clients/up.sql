-- The application that a service client's tokens are for when a request names none; null is the console API.
ALTER TABLE clients ADD COLUMN default_audience TEXT;

-- A client that was made for one application and nothing else meant that one. It is told by the spaces
-- between several. Nothing else is guessed, and nothing sets it later but who says so.
UPDATE clients SET default_audience = audiences
WHERE user_id IS NULL AND deleted_at IS NULL AND scope = '' AND audiences <> '' AND audiences NOT LIKE '% %';

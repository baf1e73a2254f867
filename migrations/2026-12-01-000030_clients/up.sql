-- A token carries the greater of its client's and its owner's generation, no longer their sum. Each
-- client takes the sum over, so that tokens that are out there are good and bad as they were. Numbers
-- given from now on are the database's milliseconds, far above any sum.
UPDATE clients SET generation = generation
    + (SELECT users.generation FROM users WHERE users.id = clients.user_id)
    WHERE user_id IS NOT NULL;

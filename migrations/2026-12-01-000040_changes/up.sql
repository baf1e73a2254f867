-- A random value of the entry: whoever applied it knows by number and mark together that a database
-- still has it. Null in an entry of a version that wrote none.
ALTER TABLE changes ADD COLUMN mark TEXT;

ALTER TABLE clients DROP COLUMN provisions_users;

DROP TABLE application_users;

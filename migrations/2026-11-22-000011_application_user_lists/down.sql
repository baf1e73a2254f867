DROP TABLE application_user_lists;

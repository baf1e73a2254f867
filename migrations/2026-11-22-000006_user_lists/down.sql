DROP TABLE user_lists;

DROP TABLE one_time_forms;

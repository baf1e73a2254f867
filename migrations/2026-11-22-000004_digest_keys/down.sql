DROP TABLE digest_keys;

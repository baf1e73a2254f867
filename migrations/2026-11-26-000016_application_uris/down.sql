DROP TABLE application_uris;

DROP INDEX application_uris_lower_uri;
DROP INDEX applications_lower_uri;

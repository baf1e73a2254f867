-- So that a uri that differs from another's only in case, in the default port or by a slash at the end
-- is found among all that are or were an application's.
CREATE INDEX applications_lower_uri ON applications (lower(uri));
CREATE INDEX application_uris_lower_uri ON application_uris (lower(uri));

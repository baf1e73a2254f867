-- Of a deleted client its id stays, so that it is never given again, and its owner's; what it was
-- goes.
UPDATE clients
SET name = '', description = '', search = '', scope = '', application_scopes = '{}',
    audiences = '', allowed_networks = ''
WHERE deleted_at IS NOT NULL;

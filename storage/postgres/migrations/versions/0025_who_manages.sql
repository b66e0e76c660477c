-- Those who may manage somebody, from Call Center Supervisor upwards: asked for with every change of a profile.
CREATE INDEX users_who_manage ON users (domain_id, user_id) WHERE scope >= 5 AND deleted_at IS NULL;

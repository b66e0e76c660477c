-- Rows are added, never changed, and go only with their whole domain: whoever gets hold of our statements, or makes a
-- mistake in one, cannot rewrite what has happened.
CREATE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM domains WHERE domain_id = OLD.domain_id) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit is only added to' USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER audit_is_kept BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION keep_audit();
CREATE TRIGGER audit_is_not_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION keep_audit();

CREATE INDEX audit_by_target ON audit (domain_id, target, audit_id);
CREATE INDEX audit_by_operator ON audit (domain_id, operator_id, audit_id) WHERE operator_id IS NOT NULL;

-- Who is erased has to go from the audit too: what was done stays, and what stood there is taken out. Nothing else may be
-- changed, as before: a statement that would write anything but exactly this is refused.
CREATE FUNCTION without_values(fields jsonb) RETURNS jsonb LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    CASE jsonb_typeof(fields) WHEN 'object' THEN (
        SELECT coalesce(jsonb_object_agg(key, CASE
            WHEN jsonb_typeof(value) IN ('boolean', 'null') THEN value ELSE '"(erased)"'
        END), '{}') FROM jsonb_each(fields)
    ) ELSE fields END;
COMMENT ON FUNCTION without_values IS 'the names of the fields of a line of the audit, without what stood in them';

CREATE OR REPLACE FUNCTION keep_audit() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    emptied audit;
BEGIN
    IF TG_OP = 'DELETE' AND NOT EXISTS (SELECT FROM domains WHERE domain_id = OLD.domain_id) THEN
        RETURN OLD;
    END IF;
    IF TG_OP = 'UPDATE' THEN
        emptied := OLD;
        emptied.before := without_values(OLD.before);
        emptied.after := without_values(OLD.after);
        emptied.address := '';
        IF NEW IS NOT DISTINCT FROM emptied THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'the audit is only added to' USING ERRCODE = 'insufficient_privilege';
END $$;

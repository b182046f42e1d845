-- The members of each group.
CREATE FUNCTION user_groups_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM row_counts_add('user_groups', 0, group_id::text, count(*), 0) FROM added GROUP BY group_id;
    ELSE
        PERFORM row_counts_add('user_groups', 0, group_id::text, -count(*), 0) FROM removed GROUP BY group_id;
    END IF;
    RETURN NULL;
END
$$;

--bun:split

-- From here on nobody else writes until this is committed.
CREATE TRIGGER user_groups_count_insert AFTER INSERT ON user_groups REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION user_groups_count();

--bun:split

CREATE TRIGGER user_groups_count_delete AFTER DELETE ON user_groups REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION user_groups_count();

--bun:split

INSERT INTO row_counts (subject, period, part, number, total)
SELECT 'user_groups', 0, group_id::text, count(*), 0 FROM user_groups GROUP BY group_id;

--bun:split

CREATE INDEX user_groups_members_idx ON user_groups (group_id, user_id);

--bun:split

DROP INDEX user_groups_group_id_idx;

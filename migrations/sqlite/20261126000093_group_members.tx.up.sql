-- The members of each group.
CREATE TRIGGER user_groups_count_insert AFTER INSERT ON user_groups BEGIN
    INSERT INTO row_counts (subject, period, part, number, total)
    SELECT 'user_groups', 0, CAST(new.group_id AS text), 1, 0 WHERE TRUE
    ON CONFLICT (subject, part, period) DO UPDATE SET number = number + excluded.number;
END;

--bun:split

CREATE TRIGGER user_groups_count_delete AFTER DELETE ON user_groups BEGIN
    INSERT INTO row_counts (subject, period, part, number, total)
    SELECT 'user_groups', 0, CAST(old.group_id AS text), -1, 0 WHERE TRUE
    ON CONFLICT (subject, part, period) DO UPDATE SET number = number + excluded.number;
END;

--bun:split

INSERT INTO row_counts (subject, period, part, number, total)
SELECT 'user_groups', 0, CAST(group_id AS text), count(*), 0 FROM user_groups GROUP BY group_id;

--bun:split

CREATE INDEX user_groups_members_idx ON user_groups (group_id, user_id);

--bun:split

DROP INDEX user_groups_group_id_idx;

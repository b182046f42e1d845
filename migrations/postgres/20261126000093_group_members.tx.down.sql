CREATE INDEX user_groups_group_id_idx ON user_groups (group_id);

--bun:split

DROP INDEX user_groups_members_idx;

--bun:split

DROP TRIGGER user_groups_count_insert ON user_groups;

--bun:split

DROP TRIGGER user_groups_count_delete ON user_groups;

--bun:split

DROP FUNCTION user_groups_count;

--bun:split

DELETE FROM row_counts WHERE subject = 'user_groups';

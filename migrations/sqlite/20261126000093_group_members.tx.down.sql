CREATE INDEX user_groups_group_id_idx ON user_groups (group_id);

--bun:split

DROP INDEX user_groups_members_idx;

--bun:split

DROP TRIGGER user_groups_count_insert;

--bun:split

DROP TRIGGER user_groups_count_delete;

--bun:split

DELETE FROM row_counts WHERE subject = 'user_groups';

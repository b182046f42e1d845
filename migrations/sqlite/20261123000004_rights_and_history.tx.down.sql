DROP TABLE history_entries;

--bun:split

DROP TABLE user_groups;

--bun:split

DROP TABLE user_permissions;

--bun:split

DROP TABLE group_permissions;

--bun:split

DROP TABLE groups;

DROP TRIGGER projects_count_insert;

--bun:split

DROP TRIGGER projects_count_update;

--bun:split

DROP TRIGGER projects_count_delete;

--bun:split

DELETE FROM row_counts WHERE subject = 'projects';

DROP TRIGGER projects_count_insert ON projects;

--bun:split

DROP TRIGGER projects_count_update ON projects;

--bun:split

DROP TRIGGER projects_count_delete ON projects;

--bun:split

DROP FUNCTION projects_count;

--bun:split

DELETE FROM row_counts WHERE subject = 'projects';

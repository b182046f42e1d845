DROP INDEX projects_undone_idx;

--bun:split

DROP INDEX projects_due_idx;

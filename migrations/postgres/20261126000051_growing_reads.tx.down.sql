DROP INDEX projects_status_progress_idx;

--bun:split

DROP INDEX projects_updated_at_idx;

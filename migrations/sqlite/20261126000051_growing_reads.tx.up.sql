-- The order by update, which the dashboard's projects have too.
CREATE INDEX projects_updated_at_idx ON projects (updated_at, id);

--bun:split

-- The order by status alone, and the summary.
CREATE INDEX projects_status_progress_idx ON projects (status, id, progress);

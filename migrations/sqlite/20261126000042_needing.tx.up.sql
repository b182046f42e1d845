-- What the menu counts of projects: those that are late, and those that are completed and
-- not done.
CREATE INDEX projects_due_idx ON projects (due_date) WHERE status <> 'completed';

--bun:split

CREATE INDEX projects_undone_idx ON projects (id) WHERE status = 'completed' AND progress < 100;

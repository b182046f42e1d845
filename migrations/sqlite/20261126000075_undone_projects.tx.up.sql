-- The dashboard's projects that are completed and not done, in order.
CREATE INDEX projects_undone_due_idx ON projects (status, due_date, id) WHERE status = 'completed' AND progress < 100;

DROP INDEX projects_undone_due_idx;

ALTER TABLE sessions ADD COLUMN ended_at timestamptz;

DELETE FROM sessions WHERE ended_at IS NOT NULL;

--bun:split

ALTER TABLE sessions DROP COLUMN ended_at;

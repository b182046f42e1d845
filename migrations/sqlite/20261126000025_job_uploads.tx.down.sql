ALTER TABLE jobs DROP COLUMN added;

--bun:split

DROP TABLE job_uploads;

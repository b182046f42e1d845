-- The orders and filters of the list of dead letters.
CREATE INDEX dead_letters_job_idx ON dead_letters (job, failed_at, id);

--bun:split

CREATE INDEX dead_letters_error_idx ON dead_letters (cause, failed_at, id);

--bun:split

CREATE INDEX dead_letters_fails_idx ON dead_letters (fails, id);

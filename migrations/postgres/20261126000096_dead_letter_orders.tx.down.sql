DROP INDEX dead_letters_fails_idx;

--bun:split

DROP INDEX dead_letters_error_idx;

--bun:split

DROP INDEX dead_letters_job_idx;

CREATE INDEX dead_letters_cause_idx ON dead_letters (job, cause);

--bun:split

CREATE INDEX dead_letters_search_idx ON dead_letters
    USING gin (search_fold(job) gin_trgm_ops, search_fold(job_id) gin_trgm_ops, search_fold(arguments) gin_trgm_ops, search_fold(cause) gin_trgm_ops);

-- What the job queue gave up, moved here from Redis: at most 10,000, the newest.
CREATE TABLE dead_letters (
    id integer PRIMARY KEY AUTOINCREMENT,
    job_id varchar(64) NOT NULL UNIQUE,
    job varchar(100) NOT NULL,
    arguments text NOT NULL,
    cause varchar(300) NOT NULL,
    fails integer NOT NULL,
    failed_at timestamptz NOT NULL
);

--bun:split

CREATE INDEX dead_letters_failed_idx ON dead_letters (failed_at, id);

DROP TABLE job_files;

--bun:split

DROP TABLE job_failures;

--bun:split

DROP TABLE jobs;

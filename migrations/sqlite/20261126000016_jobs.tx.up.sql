-- Long work as rows: what was asked for, by whom, and how far it is.
CREATE TABLE jobs (
    id integer PRIMARY KEY AUTOINCREMENT,
    kind varchar(30) NOT NULL,
    model varchar(50) NOT NULL,
    action varchar(50) NOT NULL,
    query text NOT NULL,
    ids text,
    up_to integer NOT NULL,
    signature char(64) NOT NULL,
    user_id integer REFERENCES users (id) ON DELETE SET NULL,
    username varchar(150) NOT NULL,
    ip_address varchar(45) NOT NULL,
    language varchar(10) NOT NULL,
    state varchar(20) NOT NULL CHECK (state IN ('queued', 'running', 'done', 'failed', 'cancelled')),
    problem text,
    total integer NOT NULL,
    seen integer NOT NULL DEFAULT 0,
    done integer NOT NULL DEFAULT 0,
    failed integer NOT NULL DEFAULT 0,
    cursor integer NOT NULL DEFAULT 0,
    attempts integer NOT NULL DEFAULT 0,
    lease_token char(32),
    lease_until timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    started_at timestamptz,
    finished_at timestamptz
);

--bun:split

-- The same work is not begun again while it is under way.
CREATE UNIQUE INDEX jobs_open_idx ON jobs (signature) WHERE state IN ('queued', 'running');

--bun:split

CREATE INDEX jobs_waiting_idx ON jobs (lease_until) WHERE state IN ('queued', 'running');

--bun:split

CREATE INDEX jobs_user_idx ON jobs (user_id, id);

--bun:split

CREATE TABLE job_failures (
    id integer PRIMARY KEY AUTOINCREMENT,
    job_id integer NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    row_id integer NOT NULL,
    label text NOT NULL,
    reason text NOT NULL
);

--bun:split

CREATE INDEX job_failures_job_idx ON job_failures (job_id, id);

--bun:split

CREATE TABLE job_files (
    job_id integer NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    number integer NOT NULL,
    content blob NOT NULL,
    PRIMARY KEY (job_id, number)
);

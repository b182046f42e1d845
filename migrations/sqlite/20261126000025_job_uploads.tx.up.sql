-- Files wait here for the answer to what shall be done with them.
CREATE TABLE job_uploads (
    id integer PRIMARY KEY AUTOINCREMENT,
    model varchar(50) NOT NULL,
    user_id integer NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    job_id integer REFERENCES jobs (id) ON DELETE CASCADE,
    content blob NOT NULL,
    created_at timestamptz NOT NULL
);

--bun:split

CREATE INDEX job_uploads_created_at_idx ON job_uploads (created_at, id);

--bun:split

CREATE INDEX job_uploads_user_idx ON job_uploads (user_id, id);

--bun:split

CREATE INDEX job_uploads_job_idx ON job_uploads (job_id, id);

--bun:split

ALTER TABLE jobs ADD COLUMN added integer NOT NULL DEFAULT 0;

--bun:split

-- Imports of the waitlist that are under way are of a kind that is no more.
UPDATE jobs SET state = 'failed', finished_at = CURRENT_TIMESTAMP, problem = CASE language
    WHEN 'es' THEN 'El programa se ha actualizado entretanto. Vuelve a importar el archivo: lo que ya está no cambia.'
    ELSE 'The program was updated meanwhile. Import the file again: what is in already stays as it is.' END
WHERE kind = 'waitlist-import' AND state IN ('queued', 'running');

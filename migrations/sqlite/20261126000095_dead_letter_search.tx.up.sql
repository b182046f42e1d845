CREATE INDEX dead_letters_cause_idx ON dead_letters (job, cause);

--bun:split

CREATE VIRTUAL TABLE dead_letters_search USING fts5 (
    job, job_id, arguments, cause,
    content = 'dead_letters', content_rowid = 'id', tokenize = 'trigram remove_diacritics 1'
);

--bun:split

INSERT INTO dead_letters_search (dead_letters_search) VALUES ('rebuild');

--bun:split

CREATE TRIGGER dead_letters_search_insert AFTER INSERT ON dead_letters BEGIN
    INSERT INTO dead_letters_search (rowid, job, job_id, arguments, cause)
    VALUES (new.id, new.job, new.job_id, new.arguments, new.cause);
END;

--bun:split

CREATE TRIGGER dead_letters_search_delete AFTER DELETE ON dead_letters BEGIN
    INSERT INTO dead_letters_search (dead_letters_search, rowid, job, job_id, arguments, cause)
    VALUES ('delete', old.id, old.job, old.job_id, old.arguments, old.cause);
END;

--bun:split

CREATE TRIGGER dead_letters_search_update AFTER UPDATE OF job, job_id, arguments, cause ON dead_letters BEGIN
    INSERT INTO dead_letters_search (dead_letters_search, rowid, job, job_id, arguments, cause)
    VALUES ('delete', old.id, old.job, old.job_id, old.arguments, old.cause);
    INSERT INTO dead_letters_search (rowid, job, job_id, arguments, cause)
    VALUES (new.id, new.job, new.job_id, new.arguments, new.cause);
END;

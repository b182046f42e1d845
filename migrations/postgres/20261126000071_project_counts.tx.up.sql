-- Projects by their status, and the sum of their progress.
CREATE FUNCTION projects_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM row_counts_add('projects', period, part, count(*), sum(total)) FROM (
            SELECT 0 AS period, status AS part, progress AS total FROM added
        ) AS changed GROUP BY period, part;
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM row_counts_add('projects', period, part, -count(*), -sum(total)) FROM (
            SELECT 0 AS period, status AS part, progress AS total FROM removed
        ) AS changed GROUP BY period, part;
    ELSE
        PERFORM row_counts_add('projects', period, part, sum(number), sum(total)) FROM (
            SELECT 0 AS period, status AS part, 1 AS number, progress AS total FROM added
            UNION ALL
            SELECT 0, status, -1, -progress FROM removed
        ) AS changed GROUP BY period, part HAVING sum(number) <> 0 OR sum(total) <> 0;
    END IF;
    RETURN NULL;
END
$$;

--bun:split

-- From here on nobody else writes until this is committed.
CREATE TRIGGER projects_count_insert AFTER INSERT ON projects REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION projects_count();

--bun:split

CREATE TRIGGER projects_count_update AFTER UPDATE ON projects REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION projects_count();

--bun:split

CREATE TRIGGER projects_count_delete AFTER DELETE ON projects REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION projects_count();

--bun:split

INSERT INTO row_counts (subject, period, part, number, total)
SELECT 'projects', 0, status, count(*), sum(progress) FROM projects GROUP BY 2, 3;

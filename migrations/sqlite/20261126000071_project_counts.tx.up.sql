-- Projects by their status, and the sum of their progress.
CREATE TRIGGER projects_count_insert AFTER INSERT ON projects BEGIN
    INSERT INTO row_counts (subject, period, part, number, total)
    SELECT 'projects', 0, new.status, 1, new.progress WHERE TRUE
    ON CONFLICT (subject, part, period) DO UPDATE SET number = number + excluded.number, total = total + excluded.total;
END;

--bun:split

CREATE TRIGGER projects_count_update AFTER UPDATE OF status, progress ON projects BEGIN
    INSERT INTO row_counts (subject, period, part, number, total)
    SELECT 'projects', 0, old.status, -1, -old.progress WHERE TRUE
    ON CONFLICT (subject, part, period) DO UPDATE SET number = number + excluded.number, total = total + excluded.total;
    INSERT INTO row_counts (subject, period, part, number, total)
    SELECT 'projects', 0, new.status, 1, new.progress WHERE TRUE
    ON CONFLICT (subject, part, period) DO UPDATE SET number = number + excluded.number, total = total + excluded.total;
END;

--bun:split

CREATE TRIGGER projects_count_delete AFTER DELETE ON projects BEGIN
    INSERT INTO row_counts (subject, period, part, number, total)
    SELECT 'projects', 0, old.status, -1, -old.progress WHERE TRUE
    ON CONFLICT (subject, part, period) DO UPDATE SET number = number + excluded.number, total = total + excluded.total;
END;

--bun:split

INSERT INTO row_counts (subject, period, part, number, total)
SELECT 'projects', 0, status, count(*), sum(progress) FROM projects GROUP BY 2, 3;

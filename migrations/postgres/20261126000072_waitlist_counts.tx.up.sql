-- What of the waitlist one entry counts for: in all by three letters (i for invited, u for
-- unsubscribed, n for notified, - where not), in the period that it joined in and, while it
-- waits, on the day. Robots count for nothing.
CREATE FUNCTION waitlist_counted(created_at timestamptz, invited_at timestamptz, unsubscribed_at timestamptz, notified boolean)
RETURNS TABLE (part text, period bigint) LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN invited_at IS NULL THEN '-' ELSE 'i' END || CASE WHEN unsubscribed_at IS NULL THEN '-' ELSE 'u' END ||
        CASE WHEN notified THEN 'n' ELSE '-' END, 0::bigint
    UNION ALL
    SELECT 'joined', row_counts_period(created_at)
    UNION ALL
    SELECT 'waiting', row_counts_period(created_at) / 96 * 96 WHERE invited_at IS NULL AND unsubscribed_at IS NULL
$$;

--bun:split

CREATE FUNCTION waitlist_entries_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM row_counts_add('waitlist_entries', period, part, count(*), 0)
        FROM added CROSS JOIN LATERAL waitlist_counted(created_at, invited_at, unsubscribed_at, notified) AS counted WHERE NOT is_spam GROUP BY period, part;
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM row_counts_add('waitlist_entries', period, part, -count(*), 0)
        FROM removed CROSS JOIN LATERAL waitlist_counted(created_at, invited_at, unsubscribed_at, notified) AS counted WHERE NOT is_spam GROUP BY period, part;
    ELSE
        PERFORM row_counts_add('waitlist_entries', period, part, sum(number), 0) FROM (
            SELECT part, period, 1 AS number FROM added CROSS JOIN LATERAL waitlist_counted(created_at, invited_at, unsubscribed_at, notified) AS counted WHERE NOT is_spam
            UNION ALL
            SELECT part, period, -1 FROM removed CROSS JOIN LATERAL waitlist_counted(created_at, invited_at, unsubscribed_at, notified) AS counted WHERE NOT is_spam
        ) AS changed GROUP BY period, part HAVING sum(number) <> 0;
    END IF;
    RETURN NULL;
END
$$;

--bun:split

-- From here on nobody else writes until this is committed.
CREATE TRIGGER waitlist_entries_count_insert AFTER INSERT ON waitlist_entries REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION waitlist_entries_count();

--bun:split

CREATE TRIGGER waitlist_entries_count_update AFTER UPDATE ON waitlist_entries REFERENCING OLD TABLE AS removed NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION waitlist_entries_count();

--bun:split

CREATE TRIGGER waitlist_entries_count_delete AFTER DELETE ON waitlist_entries REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION waitlist_entries_count();

--bun:split

INSERT INTO row_counts (subject, period, part, number, total)
SELECT 'waitlist_entries', period, part, count(*), 0 FROM waitlist_entries CROSS JOIN LATERAL waitlist_counted(created_at, invited_at, unsubscribed_at, notified) AS counted WHERE NOT is_spam GROUP BY period, part;

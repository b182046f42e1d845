-- What of the waitlist one entry counts for: in all by three letters (i for invited, u for
-- unsubscribed, n for notified, - where not), in the period that it joined in and, while it
-- waits, on the day. Robots count for nothing.
CREATE TRIGGER waitlist_entries_count_insert AFTER INSERT ON waitlist_entries BEGIN
    INSERT INTO row_counts (subject, period, part, number, total)
    SELECT 'waitlist_entries', 0, CASE WHEN new.invited_at IS NULL THEN '-' ELSE 'i' END || CASE WHEN new.unsubscribed_at IS NULL THEN '-' ELSE 'u' END ||
        CASE WHEN new.notified THEN 'n' ELSE '-' END, 1, 0 WHERE NOT new.is_spam
    UNION ALL
    SELECT 'waitlist_entries', CAST(strftime('%s', new.created_at) AS integer) / 900, 'joined', 1, 0 WHERE NOT new.is_spam
    UNION ALL
    SELECT 'waitlist_entries', CAST(strftime('%s', new.created_at) AS integer) / 900 / 96 * 96, 'waiting', 1, 0
    WHERE new.invited_at IS NULL AND new.unsubscribed_at IS NULL AND NOT new.is_spam
    ON CONFLICT (subject, part, period) DO UPDATE SET number = number + excluded.number;
END;

--bun:split

CREATE TRIGGER waitlist_entries_count_update AFTER UPDATE OF invited_at, unsubscribed_at, notified, is_spam, created_at ON waitlist_entries BEGIN
    INSERT INTO row_counts (subject, period, part, number, total)
    SELECT 'waitlist_entries', 0, CASE WHEN old.invited_at IS NULL THEN '-' ELSE 'i' END || CASE WHEN old.unsubscribed_at IS NULL THEN '-' ELSE 'u' END ||
        CASE WHEN old.notified THEN 'n' ELSE '-' END, -1, 0 WHERE NOT old.is_spam
    UNION ALL
    SELECT 'waitlist_entries', CAST(strftime('%s', old.created_at) AS integer) / 900, 'joined', -1, 0 WHERE NOT old.is_spam
    UNION ALL
    SELECT 'waitlist_entries', CAST(strftime('%s', old.created_at) AS integer) / 900 / 96 * 96, 'waiting', -1, 0
    WHERE old.invited_at IS NULL AND old.unsubscribed_at IS NULL AND NOT old.is_spam
    ON CONFLICT (subject, part, period) DO UPDATE SET number = number + excluded.number;
    INSERT INTO row_counts (subject, period, part, number, total)
    SELECT 'waitlist_entries', 0, CASE WHEN new.invited_at IS NULL THEN '-' ELSE 'i' END || CASE WHEN new.unsubscribed_at IS NULL THEN '-' ELSE 'u' END ||
        CASE WHEN new.notified THEN 'n' ELSE '-' END, 1, 0 WHERE NOT new.is_spam
    UNION ALL
    SELECT 'waitlist_entries', CAST(strftime('%s', new.created_at) AS integer) / 900, 'joined', 1, 0 WHERE NOT new.is_spam
    UNION ALL
    SELECT 'waitlist_entries', CAST(strftime('%s', new.created_at) AS integer) / 900 / 96 * 96, 'waiting', 1, 0
    WHERE new.invited_at IS NULL AND new.unsubscribed_at IS NULL AND NOT new.is_spam
    ON CONFLICT (subject, part, period) DO UPDATE SET number = number + excluded.number;
END;

--bun:split

CREATE TRIGGER waitlist_entries_count_delete AFTER DELETE ON waitlist_entries BEGIN
    INSERT INTO row_counts (subject, period, part, number, total)
    SELECT 'waitlist_entries', 0, CASE WHEN old.invited_at IS NULL THEN '-' ELSE 'i' END || CASE WHEN old.unsubscribed_at IS NULL THEN '-' ELSE 'u' END ||
        CASE WHEN old.notified THEN 'n' ELSE '-' END, -1, 0 WHERE NOT old.is_spam
    UNION ALL
    SELECT 'waitlist_entries', CAST(strftime('%s', old.created_at) AS integer) / 900, 'joined', -1, 0 WHERE NOT old.is_spam
    UNION ALL
    SELECT 'waitlist_entries', CAST(strftime('%s', old.created_at) AS integer) / 900 / 96 * 96, 'waiting', -1, 0
    WHERE old.invited_at IS NULL AND old.unsubscribed_at IS NULL AND NOT old.is_spam
    ON CONFLICT (subject, part, period) DO UPDATE SET number = number + excluded.number;
END;

--bun:split

INSERT INTO row_counts (subject, period, part, number, total)
SELECT 'waitlist_entries', 0, CASE WHEN invited_at IS NULL THEN '-' ELSE 'i' END || CASE WHEN unsubscribed_at IS NULL THEN '-' ELSE 'u' END ||
        CASE WHEN notified THEN 'n' ELSE '-' END, count(*), 0
FROM waitlist_entries WHERE NOT is_spam GROUP BY 3;

--bun:split

INSERT INTO row_counts (subject, period, part, number, total)
SELECT 'waitlist_entries', CAST(strftime('%s', created_at) AS integer) / 900, 'joined', count(*), 0 FROM waitlist_entries WHERE NOT is_spam GROUP BY 2;

--bun:split

INSERT INTO row_counts (subject, period, part, number, total)
SELECT 'waitlist_entries', CAST(strftime('%s', created_at) AS integer) / 900 / 96 * 96, 'waiting', count(*), 0
FROM waitlist_entries WHERE invited_at IS NULL AND unsubscribed_at IS NULL AND NOT is_spam GROUP BY 2;

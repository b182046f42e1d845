-- Messages but spam. Their status is none of it: a mail that was sent changes no count.
CREATE TRIGGER contact_messages_count_insert AFTER INSERT ON contact_messages BEGIN
    INSERT INTO row_counts (subject, period, part, number, total)
    SELECT 'contact_messages', CAST(strftime('%s', new.created_at) AS integer) / 900, 'received', 1, 0 WHERE NOT new.is_spam
    ON CONFLICT (subject, part, period) DO UPDATE SET number = number + excluded.number;
END;

--bun:split

CREATE TRIGGER contact_messages_count_update AFTER UPDATE OF is_spam, created_at ON contact_messages BEGIN
    INSERT INTO row_counts (subject, period, part, number, total)
    SELECT 'contact_messages', CAST(strftime('%s', old.created_at) AS integer) / 900, 'received', -1, 0 WHERE NOT old.is_spam
    ON CONFLICT (subject, part, period) DO UPDATE SET number = number + excluded.number;
    INSERT INTO row_counts (subject, period, part, number, total)
    SELECT 'contact_messages', CAST(strftime('%s', new.created_at) AS integer) / 900, 'received', 1, 0 WHERE NOT new.is_spam
    ON CONFLICT (subject, part, period) DO UPDATE SET number = number + excluded.number;
END;

--bun:split

CREATE TRIGGER contact_messages_count_delete AFTER DELETE ON contact_messages BEGIN
    INSERT INTO row_counts (subject, period, part, number, total)
    SELECT 'contact_messages', CAST(strftime('%s', old.created_at) AS integer) / 900, 'received', -1, 0 WHERE NOT old.is_spam
    ON CONFLICT (subject, part, period) DO UPDATE SET number = number + excluded.number;
END;

--bun:split

INSERT INTO row_counts (subject, period, part, number, total)
SELECT 'contact_messages', CAST(strftime('%s', created_at) AS integer) / 900, 'received', count(*), 0 FROM contact_messages WHERE NOT is_spam GROUP BY 2;

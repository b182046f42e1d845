-- Messages but spam. Their status is none of it: a mail that was sent changes no count.
CREATE FUNCTION contact_messages_count() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM row_counts_add('contact_messages', period, 'received', count(*), 0) FROM (
            SELECT row_counts_period(created_at) AS period FROM added WHERE NOT is_spam
        ) AS changed GROUP BY period;
    ELSE
        PERFORM row_counts_add('contact_messages', period, 'received', -count(*), 0) FROM (
            SELECT row_counts_period(created_at) AS period FROM removed WHERE NOT is_spam
        ) AS changed GROUP BY period;
    END IF;
    RETURN NULL;
END
$$;

--bun:split

CREATE FUNCTION contact_messages_recount() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT OLD.is_spam THEN
        PERFORM row_counts_add('contact_messages', row_counts_period(OLD.created_at), 'received', -1, 0);
    END IF;
    IF NOT NEW.is_spam THEN
        PERFORM row_counts_add('contact_messages', row_counts_period(NEW.created_at), 'received', 1, 0);
    END IF;
    RETURN NULL;
END
$$;

--bun:split

-- From here on nobody else writes until this is committed.
CREATE TRIGGER contact_messages_count_insert AFTER INSERT ON contact_messages REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION contact_messages_count();

--bun:split

CREATE TRIGGER contact_messages_count_update AFTER UPDATE OF is_spam, created_at ON contact_messages
    FOR EACH ROW WHEN ((OLD.is_spam, OLD.created_at) IS DISTINCT FROM (NEW.is_spam, NEW.created_at))
    EXECUTE FUNCTION contact_messages_recount();

--bun:split

CREATE TRIGGER contact_messages_count_delete AFTER DELETE ON contact_messages REFERENCING OLD TABLE AS removed
    FOR EACH STATEMENT EXECUTE FUNCTION contact_messages_count();

--bun:split

INSERT INTO row_counts (subject, period, part, number, total)
SELECT 'contact_messages', row_counts_period(created_at), 'received', count(*), 0 FROM contact_messages WHERE NOT is_spam GROUP BY 2;

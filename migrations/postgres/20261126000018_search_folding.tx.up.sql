-- What searches compare: letters without case and accents, as models.Fold does it. The
-- shortcut for ASCII is what most texts take. It is not STRICT: then it would not be inlined.
CREATE FUNCTION search_fold(text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN octet_length($1) = char_length($1) THEN lower($1)
        ELSE lower(regexp_replace(normalize($1, NFD), '[\u0300-\u036F]', '', 'g')) END
$$;

--bun:split

DROP INDEX contact_messages_search_idx;

--bun:split

CREATE INDEX contact_messages_search_idx ON contact_messages
    USING gin (search_fold(name) gin_trgm_ops, search_fold(email) gin_trgm_ops, search_fold(message) gin_trgm_ops);

--bun:split

DROP INDEX projects_search_idx;

--bun:split

CREATE INDEX projects_search_idx ON projects
    USING gin (search_fold(name) gin_trgm_ops, search_fold(description) gin_trgm_ops, search_fold(client_company) gin_trgm_ops);

--bun:split

DROP INDEX waitlist_entries_search_idx;

--bun:split

CREATE INDEX waitlist_entries_search_idx ON waitlist_entries
    USING gin (search_fold(email) gin_trgm_ops, search_fold(first_name) gin_trgm_ops, search_fold(last_name) gin_trgm_ops, search_fold(company) gin_trgm_ops, search_fold(description) gin_trgm_ops);

--bun:split

DROP INDEX users_search_idx;

--bun:split

CREATE INDEX users_search_idx ON users
    USING gin (search_fold(username) gin_trgm_ops, search_fold(email) gin_trgm_ops, search_fold(first_name) gin_trgm_ops, search_fold(last_name) gin_trgm_ops);

--bun:split

DROP INDEX history_entries_search_idx;

--bun:split

CREATE INDEX history_entries_search_idx ON history_entries
    USING gin (search_fold(object_label) gin_trgm_ops, search_fold(username) gin_trgm_ops, search_fold(summary) gin_trgm_ops);

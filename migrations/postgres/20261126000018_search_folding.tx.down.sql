DROP INDEX contact_messages_search_idx;

--bun:split

CREATE INDEX contact_messages_search_idx ON contact_messages
    USING gin (name gin_trgm_ops, email gin_trgm_ops, message gin_trgm_ops);

--bun:split

DROP INDEX projects_search_idx;

--bun:split

CREATE INDEX projects_search_idx ON projects
    USING gin (name gin_trgm_ops, description gin_trgm_ops, client_company gin_trgm_ops);

--bun:split

DROP INDEX waitlist_entries_search_idx;

--bun:split

CREATE INDEX waitlist_entries_search_idx ON waitlist_entries
    USING gin (email gin_trgm_ops, first_name gin_trgm_ops, last_name gin_trgm_ops, company gin_trgm_ops, description gin_trgm_ops);

--bun:split

DROP INDEX users_search_idx;

--bun:split

CREATE INDEX users_search_idx ON users
    USING gin (username gin_trgm_ops, email gin_trgm_ops, first_name gin_trgm_ops, last_name gin_trgm_ops);

--bun:split

DROP INDEX history_entries_search_idx;

--bun:split

CREATE INDEX history_entries_search_idx ON history_entries
    USING gin (object_label gin_trgm_ops, username gin_trgm_ops, summary gin_trgm_ops);

--bun:split

DROP FUNCTION search_fold(text);

DROP TABLE contact_messages_search;

--bun:split

CREATE VIRTUAL TABLE contact_messages_search USING fts5 (
    name, email, message,
    content = 'contact_messages', content_rowid = 'id', tokenize = 'trigram'
);

--bun:split

INSERT INTO contact_messages_search (contact_messages_search) VALUES ('rebuild');

--bun:split

DROP TABLE projects_search;

--bun:split

CREATE VIRTUAL TABLE projects_search USING fts5 (
    name, description, client_company,
    content = 'projects', content_rowid = 'id', tokenize = 'trigram'
);

--bun:split

INSERT INTO projects_search (projects_search) VALUES ('rebuild');

--bun:split

DROP TABLE waitlist_entries_search;

--bun:split

CREATE VIRTUAL TABLE waitlist_entries_search USING fts5 (
    email, first_name, last_name, company, description,
    content = 'waitlist_entries', content_rowid = 'id', tokenize = 'trigram'
);

--bun:split

INSERT INTO waitlist_entries_search (waitlist_entries_search) VALUES ('rebuild');

--bun:split

DROP TABLE users_search;

--bun:split

CREATE VIRTUAL TABLE users_search USING fts5 (
    username, email, first_name, last_name,
    content = 'users', content_rowid = 'id', tokenize = 'trigram'
);

--bun:split

INSERT INTO users_search (users_search) VALUES ('rebuild');

--bun:split

DROP TABLE history_entries_search;

--bun:split

CREATE VIRTUAL TABLE history_entries_search USING fts5 (
    object_label, username, summary,
    content = 'history_entries', content_rowid = 'id', tokenize = 'trigram'
);

--bun:split

INSERT INTO history_entries_search (history_entries_search) VALUES ('rebuild');

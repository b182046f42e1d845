-- Searches compare letters without case and accents, as models.Fold does it.
DROP TRIGGER contact_messages_search_insert;

--bun:split

DROP TRIGGER contact_messages_search_delete;

--bun:split

DROP TRIGGER contact_messages_search_update;

--bun:split

DROP TABLE contact_messages_search;

--bun:split

CREATE VIRTUAL TABLE contact_messages_search USING fts5 (
    name, email, message,
    content = '', tokenize = 'trigram'
);

--bun:split

INSERT INTO contact_messages_search (rowid, name, email, message)
SELECT id, search_fold(name), search_fold(email), search_fold(message) FROM contact_messages;

--bun:split

CREATE TRIGGER contact_messages_search_insert AFTER INSERT ON contact_messages BEGIN
    INSERT INTO contact_messages_search (rowid, name, email, message)
    VALUES (new.id, search_fold(new.name), search_fold(new.email), search_fold(new.message));
END;

--bun:split

CREATE TRIGGER contact_messages_search_delete AFTER DELETE ON contact_messages BEGIN
    INSERT INTO contact_messages_search (contact_messages_search, rowid, name, email, message)
    VALUES ('delete', old.id, search_fold(old.name), search_fold(old.email), search_fold(old.message));
END;

--bun:split

CREATE TRIGGER contact_messages_search_update AFTER UPDATE OF name, email, message ON contact_messages BEGIN
    INSERT INTO contact_messages_search (contact_messages_search, rowid, name, email, message)
    VALUES ('delete', old.id, search_fold(old.name), search_fold(old.email), search_fold(old.message));
    INSERT INTO contact_messages_search (rowid, name, email, message)
    VALUES (new.id, search_fold(new.name), search_fold(new.email), search_fold(new.message));
END;

--bun:split

DROP TRIGGER projects_search_insert;

--bun:split

DROP TRIGGER projects_search_delete;

--bun:split

DROP TRIGGER projects_search_update;

--bun:split

DROP TABLE projects_search;

--bun:split

CREATE VIRTUAL TABLE projects_search USING fts5 (
    name, description, client_company,
    content = '', tokenize = 'trigram'
);

--bun:split

INSERT INTO projects_search (rowid, name, description, client_company)
SELECT id, search_fold(name), search_fold(description), search_fold(client_company) FROM projects;

--bun:split

CREATE TRIGGER projects_search_insert AFTER INSERT ON projects BEGIN
    INSERT INTO projects_search (rowid, name, description, client_company)
    VALUES (new.id, search_fold(new.name), search_fold(new.description), search_fold(new.client_company));
END;

--bun:split

CREATE TRIGGER projects_search_delete AFTER DELETE ON projects BEGIN
    INSERT INTO projects_search (projects_search, rowid, name, description, client_company)
    VALUES ('delete', old.id, search_fold(old.name), search_fold(old.description), search_fold(old.client_company));
END;

--bun:split

CREATE TRIGGER projects_search_update AFTER UPDATE OF name, description, client_company ON projects BEGIN
    INSERT INTO projects_search (projects_search, rowid, name, description, client_company)
    VALUES ('delete', old.id, search_fold(old.name), search_fold(old.description), search_fold(old.client_company));
    INSERT INTO projects_search (rowid, name, description, client_company)
    VALUES (new.id, search_fold(new.name), search_fold(new.description), search_fold(new.client_company));
END;

--bun:split

DROP TRIGGER waitlist_entries_search_insert;

--bun:split

DROP TRIGGER waitlist_entries_search_delete;

--bun:split

DROP TRIGGER waitlist_entries_search_update;

--bun:split

DROP TABLE waitlist_entries_search;

--bun:split

CREATE VIRTUAL TABLE waitlist_entries_search USING fts5 (
    email, first_name, last_name, company, description,
    content = '', tokenize = 'trigram'
);

--bun:split

INSERT INTO waitlist_entries_search (rowid, email, first_name, last_name, company, description)
SELECT id, search_fold(email), search_fold(first_name), search_fold(last_name), search_fold(company), search_fold(description) FROM waitlist_entries;

--bun:split

CREATE TRIGGER waitlist_entries_search_insert AFTER INSERT ON waitlist_entries BEGIN
    INSERT INTO waitlist_entries_search (rowid, email, first_name, last_name, company, description)
    VALUES (new.id, search_fold(new.email), search_fold(new.first_name), search_fold(new.last_name), search_fold(new.company), search_fold(new.description));
END;

--bun:split

CREATE TRIGGER waitlist_entries_search_delete AFTER DELETE ON waitlist_entries BEGIN
    INSERT INTO waitlist_entries_search (waitlist_entries_search, rowid, email, first_name, last_name, company, description)
    VALUES ('delete', old.id, search_fold(old.email), search_fold(old.first_name), search_fold(old.last_name), search_fold(old.company), search_fold(old.description));
END;

--bun:split

CREATE TRIGGER waitlist_entries_search_update AFTER UPDATE OF email, first_name, last_name, company, description ON waitlist_entries BEGIN
    INSERT INTO waitlist_entries_search (waitlist_entries_search, rowid, email, first_name, last_name, company, description)
    VALUES ('delete', old.id, search_fold(old.email), search_fold(old.first_name), search_fold(old.last_name), search_fold(old.company), search_fold(old.description));
    INSERT INTO waitlist_entries_search (rowid, email, first_name, last_name, company, description)
    VALUES (new.id, search_fold(new.email), search_fold(new.first_name), search_fold(new.last_name), search_fold(new.company), search_fold(new.description));
END;

--bun:split

DROP TRIGGER users_search_insert;

--bun:split

DROP TRIGGER users_search_delete;

--bun:split

DROP TRIGGER users_search_update;

--bun:split

DROP TABLE users_search;

--bun:split

CREATE VIRTUAL TABLE users_search USING fts5 (
    username, email, first_name, last_name,
    content = '', tokenize = 'trigram'
);

--bun:split

INSERT INTO users_search (rowid, username, email, first_name, last_name)
SELECT id, search_fold(username), search_fold(email), search_fold(first_name), search_fold(last_name) FROM users;

--bun:split

CREATE TRIGGER users_search_insert AFTER INSERT ON users BEGIN
    INSERT INTO users_search (rowid, username, email, first_name, last_name)
    VALUES (new.id, search_fold(new.username), search_fold(new.email), search_fold(new.first_name), search_fold(new.last_name));
END;

--bun:split

CREATE TRIGGER users_search_delete AFTER DELETE ON users BEGIN
    INSERT INTO users_search (users_search, rowid, username, email, first_name, last_name)
    VALUES ('delete', old.id, search_fold(old.username), search_fold(old.email), search_fold(old.first_name), search_fold(old.last_name));
END;

--bun:split

CREATE TRIGGER users_search_update AFTER UPDATE OF username, email, first_name, last_name ON users BEGIN
    INSERT INTO users_search (users_search, rowid, username, email, first_name, last_name)
    VALUES ('delete', old.id, search_fold(old.username), search_fold(old.email), search_fold(old.first_name), search_fold(old.last_name));
    INSERT INTO users_search (rowid, username, email, first_name, last_name)
    VALUES (new.id, search_fold(new.username), search_fold(new.email), search_fold(new.first_name), search_fold(new.last_name));
END;

--bun:split

DROP TRIGGER history_entries_search_insert;

--bun:split

DROP TRIGGER history_entries_search_delete;

--bun:split

DROP TRIGGER history_entries_search_update;

--bun:split

DROP TABLE history_entries_search;

--bun:split

CREATE VIRTUAL TABLE history_entries_search USING fts5 (
    object_label, username, summary,
    content = '', tokenize = 'trigram'
);

--bun:split

INSERT INTO history_entries_search (rowid, object_label, username, summary)
SELECT id, search_fold(object_label), search_fold(username), search_fold(summary) FROM history_entries;

--bun:split

CREATE TRIGGER history_entries_search_insert AFTER INSERT ON history_entries BEGIN
    INSERT INTO history_entries_search (rowid, object_label, username, summary)
    VALUES (new.id, search_fold(new.object_label), search_fold(new.username), search_fold(new.summary));
END;

--bun:split

CREATE TRIGGER history_entries_search_delete AFTER DELETE ON history_entries BEGIN
    INSERT INTO history_entries_search (history_entries_search, rowid, object_label, username, summary)
    VALUES ('delete', old.id, search_fold(old.object_label), search_fold(old.username), search_fold(old.summary));
END;

--bun:split

CREATE TRIGGER history_entries_search_update AFTER UPDATE OF object_label, username, summary ON history_entries BEGIN
    INSERT INTO history_entries_search (history_entries_search, rowid, object_label, username, summary)
    VALUES ('delete', old.id, search_fold(old.object_label), search_fold(old.username), search_fold(old.summary));
    INSERT INTO history_entries_search (rowid, object_label, username, summary)
    VALUES (new.id, search_fold(new.object_label), search_fold(new.username), search_fold(new.summary));
END;

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
    content = 'contact_messages', content_rowid = 'id', tokenize = 'trigram'
);

--bun:split

INSERT INTO contact_messages_search (contact_messages_search) VALUES ('rebuild');

--bun:split

CREATE TRIGGER contact_messages_search_insert AFTER INSERT ON contact_messages BEGIN
    INSERT INTO contact_messages_search (rowid, name, email, message)
    VALUES (new.id, new.name, new.email, new.message);
END;

--bun:split

CREATE TRIGGER contact_messages_search_delete AFTER DELETE ON contact_messages BEGIN
    INSERT INTO contact_messages_search (contact_messages_search, rowid, name, email, message)
    VALUES ('delete', old.id, old.name, old.email, old.message);
END;

--bun:split

CREATE TRIGGER contact_messages_search_update AFTER UPDATE OF name, email, message ON contact_messages BEGIN
    INSERT INTO contact_messages_search (contact_messages_search, rowid, name, email, message)
    VALUES ('delete', old.id, old.name, old.email, old.message);
    INSERT INTO contact_messages_search (rowid, name, email, message)
    VALUES (new.id, new.name, new.email, new.message);
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
    content = 'projects', content_rowid = 'id', tokenize = 'trigram'
);

--bun:split

INSERT INTO projects_search (projects_search) VALUES ('rebuild');

--bun:split

CREATE TRIGGER projects_search_insert AFTER INSERT ON projects BEGIN
    INSERT INTO projects_search (rowid, name, description, client_company)
    VALUES (new.id, new.name, new.description, new.client_company);
END;

--bun:split

CREATE TRIGGER projects_search_delete AFTER DELETE ON projects BEGIN
    INSERT INTO projects_search (projects_search, rowid, name, description, client_company)
    VALUES ('delete', old.id, old.name, old.description, old.client_company);
END;

--bun:split

CREATE TRIGGER projects_search_update AFTER UPDATE OF name, description, client_company ON projects BEGIN
    INSERT INTO projects_search (projects_search, rowid, name, description, client_company)
    VALUES ('delete', old.id, old.name, old.description, old.client_company);
    INSERT INTO projects_search (rowid, name, description, client_company)
    VALUES (new.id, new.name, new.description, new.client_company);
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
    content = 'waitlist_entries', content_rowid = 'id', tokenize = 'trigram'
);

--bun:split

INSERT INTO waitlist_entries_search (waitlist_entries_search) VALUES ('rebuild');

--bun:split

CREATE TRIGGER waitlist_entries_search_insert AFTER INSERT ON waitlist_entries BEGIN
    INSERT INTO waitlist_entries_search (rowid, email, first_name, last_name, company, description)
    VALUES (new.id, new.email, new.first_name, new.last_name, new.company, new.description);
END;

--bun:split

CREATE TRIGGER waitlist_entries_search_delete AFTER DELETE ON waitlist_entries BEGIN
    INSERT INTO waitlist_entries_search (waitlist_entries_search, rowid, email, first_name, last_name, company, description)
    VALUES ('delete', old.id, old.email, old.first_name, old.last_name, old.company, old.description);
END;

--bun:split

CREATE TRIGGER waitlist_entries_search_update AFTER UPDATE OF email, first_name, last_name, company, description ON waitlist_entries BEGIN
    INSERT INTO waitlist_entries_search (waitlist_entries_search, rowid, email, first_name, last_name, company, description)
    VALUES ('delete', old.id, old.email, old.first_name, old.last_name, old.company, old.description);
    INSERT INTO waitlist_entries_search (rowid, email, first_name, last_name, company, description)
    VALUES (new.id, new.email, new.first_name, new.last_name, new.company, new.description);
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
    content = 'users', content_rowid = 'id', tokenize = 'trigram'
);

--bun:split

INSERT INTO users_search (users_search) VALUES ('rebuild');

--bun:split

CREATE TRIGGER users_search_insert AFTER INSERT ON users BEGIN
    INSERT INTO users_search (rowid, username, email, first_name, last_name)
    VALUES (new.id, new.username, new.email, new.first_name, new.last_name);
END;

--bun:split

CREATE TRIGGER users_search_delete AFTER DELETE ON users BEGIN
    INSERT INTO users_search (users_search, rowid, username, email, first_name, last_name)
    VALUES ('delete', old.id, old.username, old.email, old.first_name, old.last_name);
END;

--bun:split

CREATE TRIGGER users_search_update AFTER UPDATE OF username, email, first_name, last_name ON users BEGIN
    INSERT INTO users_search (users_search, rowid, username, email, first_name, last_name)
    VALUES ('delete', old.id, old.username, old.email, old.first_name, old.last_name);
    INSERT INTO users_search (rowid, username, email, first_name, last_name)
    VALUES (new.id, new.username, new.email, new.first_name, new.last_name);
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
    content = 'history_entries', content_rowid = 'id', tokenize = 'trigram'
);

--bun:split

INSERT INTO history_entries_search (history_entries_search) VALUES ('rebuild');

--bun:split

CREATE TRIGGER history_entries_search_insert AFTER INSERT ON history_entries BEGIN
    INSERT INTO history_entries_search (rowid, object_label, username, summary)
    VALUES (new.id, new.object_label, new.username, new.summary);
END;

--bun:split

CREATE TRIGGER history_entries_search_delete AFTER DELETE ON history_entries BEGIN
    INSERT INTO history_entries_search (history_entries_search, rowid, object_label, username, summary)
    VALUES ('delete', old.id, old.object_label, old.username, old.summary);
END;

--bun:split

CREATE TRIGGER history_entries_search_update AFTER UPDATE OF object_label, username, summary ON history_entries BEGIN
    INSERT INTO history_entries_search (history_entries_search, rowid, object_label, username, summary)
    VALUES ('delete', old.id, old.object_label, old.username, old.summary);
    INSERT INTO history_entries_search (rowid, object_label, username, summary)
    VALUES (new.id, new.object_label, new.username, new.summary);
END;

-- Every order and filter of the lists of users, history and projects.
CREATE INDEX users_date_joined_idx ON users (date_joined, id);

--bun:split

CREATE INDEX users_username_idx ON users (username, id);

--bun:split

CREATE INDEX users_email_idx ON users (email, id);

--bun:split

CREATE INDEX users_first_name_idx ON users (first_name, id);

--bun:split

CREATE INDEX users_last_name_idx ON users (last_name, id);

--bun:split

CREATE INDEX users_last_login_idx ON users (last_login, id);

--bun:split

CREATE INDEX users_is_staff_idx ON users (is_staff, date_joined, id);

--bun:split

CREATE INDEX users_is_active_idx ON users (is_active, date_joined, id);

--bun:split

CREATE INDEX users_is_superuser_idx ON users (is_superuser, date_joined, id);

--bun:split

CREATE INDEX history_entries_action_idx ON history_entries (action, at, id);

--bun:split

CREATE INDEX history_entries_model_idx ON history_entries (model, at, id);

--bun:split

CREATE INDEX history_entries_username_idx ON history_entries (username, at, id);

--bun:split

CREATE INDEX history_entries_object_label_idx ON history_entries (object_label, id);

--bun:split

CREATE INDEX history_entries_summary_idx ON history_entries (summary, id);

--bun:split

CREATE INDEX projects_progress_idx ON projects (progress, id);

--bun:split

CREATE INDEX projects_budget_idx ON projects (budget, id);

--bun:split

CREATE INDEX projects_due_date_idx ON projects (due_date, id);

--bun:split

-- The people of staff, whom the history's filter offers.
CREATE INDEX users_staff_idx ON users (username) WHERE is_staff;

--bun:split

-- Failed messages have no time of sending: looking for some in its order would read all.
CREATE INDEX contact_messages_status_sent_at_idx ON contact_messages (is_spam, status, sent_at, id);

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

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

CREATE INDEX users_search_idx ON users
    USING gin (username gin_trgm_ops, email gin_trgm_ops, first_name gin_trgm_ops, last_name gin_trgm_ops);

--bun:split

CREATE INDEX history_entries_search_idx ON history_entries
    USING gin (object_label gin_trgm_ops, username gin_trgm_ops, summary gin_trgm_ops);

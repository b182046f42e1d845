-- Rows that share a value go on by their dates, by which a list is filtered most, and SQLite finds the place of one among many.
DROP INDEX contact_messages_name_idx;

--bun:split

CREATE INDEX contact_messages_name_idx ON contact_messages (is_spam, name, created_at, id);

--bun:split

DROP INDEX contact_messages_email_idx;

--bun:split

CREATE INDEX contact_messages_email_idx ON contact_messages (is_spam, email, created_at, id);

--bun:split

DROP INDEX contact_messages_sent_at_idx;

--bun:split

CREATE INDEX contact_messages_sent_at_idx ON contact_messages (is_spam, sent_at, created_at, id);

--bun:split

DROP INDEX contact_messages_status_sent_at_idx;

--bun:split

CREATE INDEX contact_messages_status_sent_at_idx ON contact_messages (is_spam, status, sent_at, created_at, id);

--bun:split

DROP INDEX waitlist_entries_email_idx;

--bun:split

CREATE INDEX waitlist_entries_email_idx ON waitlist_entries (is_spam, email, created_at, id);

--bun:split

DROP INDEX waitlist_entries_first_name_idx;

--bun:split

CREATE INDEX waitlist_entries_first_name_idx ON waitlist_entries (is_spam, first_name, created_at, id);

--bun:split

DROP INDEX waitlist_entries_last_name_idx;

--bun:split

CREATE INDEX waitlist_entries_last_name_idx ON waitlist_entries (is_spam, last_name, created_at, id);

--bun:split

DROP INDEX waitlist_entries_company_idx;

--bun:split

CREATE INDEX waitlist_entries_company_idx ON waitlist_entries (is_spam, company, created_at, id);

--bun:split

DROP INDEX waitlist_entries_invited_at_idx;

--bun:split

CREATE INDEX waitlist_entries_invited_at_idx ON waitlist_entries (is_spam, invited_at, created_at, id);

--bun:split

DROP INDEX waitlist_entries_unsubscribed_at_idx;

--bun:split

CREATE INDEX waitlist_entries_unsubscribed_at_idx ON waitlist_entries (is_spam, unsubscribed_at, created_at, id);

--bun:split

DROP INDEX waitlist_entries_updated_at_idx;

--bun:split

CREATE INDEX waitlist_entries_updated_at_idx ON waitlist_entries (is_spam, updated_at, created_at, id);

--bun:split

DROP INDEX users_username_idx;

--bun:split

CREATE INDEX users_username_idx ON users (username, date_joined, id);

--bun:split

DROP INDEX users_email_idx;

--bun:split

CREATE INDEX users_email_idx ON users (email, date_joined, id);

--bun:split

DROP INDEX users_first_name_idx;

--bun:split

CREATE INDEX users_first_name_idx ON users (first_name, date_joined, id);

--bun:split

DROP INDEX users_last_name_idx;

--bun:split

CREATE INDEX users_last_name_idx ON users (last_name, date_joined, id);

--bun:split

DROP INDEX users_last_login_idx;

--bun:split

CREATE INDEX users_last_login_idx ON users (last_login, date_joined, id);

--bun:split

DROP INDEX projects_name_idx;

--bun:split

CREATE INDEX projects_name_idx ON projects (name, created_at, id);

--bun:split

DROP INDEX projects_client_company_idx;

--bun:split

CREATE INDEX projects_client_company_idx ON projects (client_company, created_at, id);

--bun:split

DROP INDEX projects_due_date_idx;

--bun:split

CREATE INDEX projects_due_date_idx ON projects (due_date, created_at, id);

--bun:split

DROP INDEX projects_budget_idx;

--bun:split

CREATE INDEX projects_budget_idx ON projects (budget, created_at, id);

--bun:split

DROP INDEX projects_progress_idx;

--bun:split

CREATE INDEX projects_progress_idx ON projects (progress, created_at, id);

--bun:split

DROP INDEX projects_updated_at_idx;

--bun:split

CREATE INDEX projects_updated_at_idx ON projects (updated_at, created_at, id);

--bun:split

DROP INDEX history_entries_folded_object_label_idx;

--bun:split

CREATE INDEX history_entries_folded_object_label_idx ON history_entries (folded, object_label, at, id);

--bun:split

DROP INDEX history_entries_folded_summary_idx;

--bun:split

CREATE INDEX history_entries_folded_summary_idx ON history_entries (folded, summary, at, id);

--bun:split

DROP INDEX history_entries_object_label_idx;

--bun:split

CREATE INDEX history_entries_object_label_idx ON history_entries (object_label, at, id);

--bun:split

DROP INDEX social_accounts_email_idx;

--bun:split

CREATE INDEX social_accounts_email_idx ON social_accounts (email, created_at, id);

--bun:split

DROP INDEX social_accounts_last_login_idx;

--bun:split

CREATE INDEX social_accounts_last_login_idx ON social_accounts (last_login, created_at, id);

--bun:split

DROP INDEX dead_letters_fails_idx;

--bun:split

CREATE INDEX dead_letters_fails_idx ON dead_letters (fails, failed_at, id);

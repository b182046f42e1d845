DROP INDEX contact_messages_name_idx;

--bun:split

CREATE INDEX contact_messages_name_idx ON contact_messages (is_spam, name, id);

--bun:split

DROP INDEX contact_messages_email_idx;

--bun:split

CREATE INDEX contact_messages_email_idx ON contact_messages (is_spam, email, id);

--bun:split

DROP INDEX contact_messages_sent_at_idx;

--bun:split

CREATE INDEX contact_messages_sent_at_idx ON contact_messages (is_spam, sent_at, id);

--bun:split

DROP INDEX contact_messages_status_sent_at_idx;

--bun:split

CREATE INDEX contact_messages_status_sent_at_idx ON contact_messages (is_spam, status, sent_at, id);

--bun:split

DROP INDEX waitlist_entries_email_idx;

--bun:split

CREATE INDEX waitlist_entries_email_idx ON waitlist_entries (is_spam, email, id);

--bun:split

DROP INDEX waitlist_entries_first_name_idx;

--bun:split

CREATE INDEX waitlist_entries_first_name_idx ON waitlist_entries (is_spam, first_name, id);

--bun:split

DROP INDEX waitlist_entries_last_name_idx;

--bun:split

CREATE INDEX waitlist_entries_last_name_idx ON waitlist_entries (is_spam, last_name, id);

--bun:split

DROP INDEX waitlist_entries_company_idx;

--bun:split

CREATE INDEX waitlist_entries_company_idx ON waitlist_entries (is_spam, company, id);

--bun:split

DROP INDEX waitlist_entries_invited_at_idx;

--bun:split

CREATE INDEX waitlist_entries_invited_at_idx ON waitlist_entries (is_spam, invited_at, id);

--bun:split

DROP INDEX waitlist_entries_unsubscribed_at_idx;

--bun:split

CREATE INDEX waitlist_entries_unsubscribed_at_idx ON waitlist_entries (is_spam, unsubscribed_at, id);

--bun:split

DROP INDEX waitlist_entries_updated_at_idx;

--bun:split

CREATE INDEX waitlist_entries_updated_at_idx ON waitlist_entries (is_spam, updated_at, id);

--bun:split

DROP INDEX users_username_idx;

--bun:split

CREATE INDEX users_username_idx ON users (username, id);

--bun:split

DROP INDEX users_email_idx;

--bun:split

CREATE INDEX users_email_idx ON users (email, id);

--bun:split

DROP INDEX users_first_name_idx;

--bun:split

CREATE INDEX users_first_name_idx ON users (first_name, id);

--bun:split

DROP INDEX users_last_name_idx;

--bun:split

CREATE INDEX users_last_name_idx ON users (last_name, id);

--bun:split

DROP INDEX users_last_login_idx;

--bun:split

CREATE INDEX users_last_login_idx ON users (last_login, id);

--bun:split

DROP INDEX projects_name_idx;

--bun:split

CREATE INDEX projects_name_idx ON projects (name, id);

--bun:split

DROP INDEX projects_client_company_idx;

--bun:split

CREATE INDEX projects_client_company_idx ON projects (client_company, id);

--bun:split

DROP INDEX projects_due_date_idx;

--bun:split

CREATE INDEX projects_due_date_idx ON projects (due_date, id);

--bun:split

DROP INDEX projects_budget_idx;

--bun:split

CREATE INDEX projects_budget_idx ON projects (budget, id);

--bun:split

DROP INDEX projects_progress_idx;

--bun:split

CREATE INDEX projects_progress_idx ON projects (progress, id);

--bun:split

DROP INDEX projects_updated_at_idx;

--bun:split

CREATE INDEX projects_updated_at_idx ON projects (updated_at, id);

--bun:split

DROP INDEX history_entries_folded_object_label_idx;

--bun:split

CREATE INDEX history_entries_folded_object_label_idx ON history_entries (folded, object_label, id);

--bun:split

DROP INDEX history_entries_folded_summary_idx;

--bun:split

CREATE INDEX history_entries_folded_summary_idx ON history_entries (folded, summary, id);

--bun:split

DROP INDEX history_entries_object_label_idx;

--bun:split

CREATE INDEX history_entries_object_label_idx ON history_entries (object_label, id);

--bun:split

DROP INDEX social_accounts_email_idx;

--bun:split

CREATE INDEX social_accounts_email_idx ON social_accounts (email, id);

--bun:split

DROP INDEX social_accounts_last_login_idx;

--bun:split

CREATE INDEX social_accounts_last_login_idx ON social_accounts (last_login, id);

--bun:split

DROP INDEX dead_letters_fails_idx;

--bun:split

CREATE INDEX dead_letters_fails_idx ON dead_letters (fails, id);

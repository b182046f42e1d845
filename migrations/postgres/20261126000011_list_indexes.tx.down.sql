DROP INDEX history_entries_search_idx;

--bun:split

DROP INDEX users_search_idx;

--bun:split

DROP INDEX contact_messages_status_sent_at_idx;

--bun:split

DROP INDEX users_staff_idx;

--bun:split

DROP INDEX projects_due_date_idx;

--bun:split

DROP INDEX projects_budget_idx;

--bun:split

DROP INDEX projects_progress_idx;

--bun:split

DROP INDEX history_entries_summary_idx;

--bun:split

DROP INDEX history_entries_object_label_idx;

--bun:split

DROP INDEX history_entries_username_idx;

--bun:split

DROP INDEX history_entries_model_idx;

--bun:split

DROP INDEX history_entries_action_idx;

--bun:split

DROP INDEX users_is_superuser_idx;

--bun:split

DROP INDEX users_is_active_idx;

--bun:split

DROP INDEX users_is_staff_idx;

--bun:split

DROP INDEX users_last_login_idx;

--bun:split

DROP INDEX users_last_name_idx;

--bun:split

DROP INDEX users_first_name_idx;

--bun:split

DROP INDEX users_email_idx;

--bun:split

DROP INDEX users_username_idx;

--bun:split

DROP INDEX users_date_joined_idx;

DROP INDEX social_accounts_created_at_idx;

--bun:split

DROP INDEX social_accounts_last_login_idx;

--bun:split

DROP INDEX social_accounts_email_idx;

--bun:split

DROP INDEX social_accounts_provider_idx;

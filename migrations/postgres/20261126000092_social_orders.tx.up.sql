-- The orders and filters of the list of social accounts.
CREATE INDEX social_accounts_created_at_idx ON social_accounts (created_at, id);

--bun:split

CREATE INDEX social_accounts_last_login_idx ON social_accounts (last_login, id);

--bun:split

CREATE INDEX social_accounts_email_idx ON social_accounts (email, id);

--bun:split

CREATE INDEX social_accounts_provider_idx ON social_accounts (provider, created_at, id);

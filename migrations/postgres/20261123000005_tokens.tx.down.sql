DROP TABLE email_changes;

--bun:split

DROP TABLE django_tokens;

--bun:split

ALTER TABLE sessions DROP COLUMN channel;

--bun:split

ALTER TABLE users DROP COLUMN language;

--bun:split

ALTER TABLE users DROP COLUMN token_epoch;

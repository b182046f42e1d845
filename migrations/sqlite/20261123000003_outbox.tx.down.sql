DROP TABLE mail_attempts;

--bun:split

DROP TABLE outbox_messages;

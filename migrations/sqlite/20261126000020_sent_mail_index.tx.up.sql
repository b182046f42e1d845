-- What RETENTION_SENT_MAIL_DAYS removes is found by it.
CREATE INDEX outbox_messages_sent_at_idx ON outbox_messages (sent_at) WHERE state = 'sent';

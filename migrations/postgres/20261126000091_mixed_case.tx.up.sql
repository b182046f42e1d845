-- The messages whose address a look for it in lower case does not find: as few as nobody
-- pays for at a submit.
CREATE INDEX contact_messages_mixed_case_idx ON contact_messages (lower(email)) WHERE email <> lower(email);

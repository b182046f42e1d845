-- Whose the rows in the trash are, for who erases a person.
CREATE INDEX trash_email_idx ON trash (model, lower(json_extract(snapshot, '$.tables[0].rows[0].email')));

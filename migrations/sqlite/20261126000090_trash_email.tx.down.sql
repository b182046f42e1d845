DROP INDEX trash_email_idx;

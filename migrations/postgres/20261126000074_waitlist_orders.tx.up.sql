-- The order of the API that no index held.
CREATE INDEX waitlist_entries_updated_at_idx ON waitlist_entries (is_spam, updated_at, id);

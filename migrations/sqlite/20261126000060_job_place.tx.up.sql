-- Where an export is in the order of its list; null: it has none, or has not begun.
ALTER TABLE jobs ADD COLUMN place text;

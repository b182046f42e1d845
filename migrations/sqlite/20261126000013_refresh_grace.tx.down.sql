ALTER TABLE sessions DROP COLUMN rotated_at;

--bun:split

ALTER TABLE sessions DROP COLUMN previous_hash;

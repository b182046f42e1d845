-- The refresh token that the present one replaced, good for a moment more.
ALTER TABLE sessions ADD COLUMN previous_hash char(64);

--bun:split

ALTER TABLE sessions ADD COLUMN rotated_at timestamptz;

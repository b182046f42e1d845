-- How many rows of a table (the subject) have what in common (the part), by the quarter
-- of an hour that they were created in (since 1970; 0 where that is not told apart).
-- Triggers keep it.
CREATE TABLE row_counts (
    subject varchar(40) NOT NULL,
    period bigint NOT NULL,
    part varchar(20) NOT NULL,
    number bigint NOT NULL,
    total bigint NOT NULL,
    PRIMARY KEY (subject, part, period)
) WITHOUT ROWID;

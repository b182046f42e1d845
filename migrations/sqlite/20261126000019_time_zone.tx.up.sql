-- In which somebody reads the back office; empty: the program's.
ALTER TABLE users ADD COLUMN time_zone varchar(64) NOT NULL DEFAULT '';

DROP TABLE waitlist_optouts;

--bun:split

DROP TABLE waitlist_entries;

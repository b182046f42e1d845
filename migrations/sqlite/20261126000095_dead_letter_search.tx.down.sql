DROP TRIGGER dead_letters_search_update;

--bun:split

DROP TRIGGER dead_letters_search_delete;

--bun:split

DROP TRIGGER dead_letters_search_insert;

--bun:split

DROP TABLE dead_letters_search;

--bun:split

DROP INDEX dead_letters_cause_idx;

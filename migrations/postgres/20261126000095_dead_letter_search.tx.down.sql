DROP INDEX dead_letters_search_idx;

--bun:split

DROP INDEX dead_letters_cause_idx;

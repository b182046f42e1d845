DROP FUNCTION row_counts_period;

--bun:split

DROP FUNCTION row_counts_add;

--bun:split

DROP TABLE row_counts;

-- Only PostgreSQL has such a function.
SELECT 1;

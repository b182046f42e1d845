-- What PostgreSQL can't put in the place of a call costs a parser and a planner in each
-- statement of a trigger: the part of a timestamptz depends on the zone of the session,
-- in its eyes, unless it is told which.
CREATE OR REPLACE FUNCTION row_counts_period(timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT floor(extract(epoch FROM $1 AT TIME ZONE 'UTC') / 900)::bigint
$$;

CREATE OR REPLACE FUNCTION row_counts_period(timestamptz) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT floor(extract(epoch FROM $1) / 900)::bigint
$$;

-- Websites whose browsers were refused the API: at most 50, the newest.
CREATE TABLE refused_origins (
    origin varchar(255) NOT NULL PRIMARY KEY,
    requests bigint NOT NULL,
    last_at timestamptz NOT NULL
);

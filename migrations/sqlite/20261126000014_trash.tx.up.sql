-- What was deleted, each row with all that went with it, until it is restored or
-- deleted for good.
CREATE TABLE trash (
    id integer PRIMARY KEY AUTOINCREMENT,
    model varchar(50) NOT NULL,
    object_id integer NOT NULL,
    object_label varchar(255) NOT NULL,
    snapshot text NOT NULL,
    act varchar(26),
    username varchar(150) NOT NULL,
    deleted_at timestamptz NOT NULL
);

--bun:split

CREATE INDEX trash_model_idx ON trash (model, id);

--bun:split

CREATE INDEX trash_act_idx ON trash (act);

--bun:split

CREATE INDEX trash_deleted_at_idx ON trash (deleted_at);

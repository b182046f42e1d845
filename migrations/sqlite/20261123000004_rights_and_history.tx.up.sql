CREATE TABLE groups (
    id integer PRIMARY KEY AUTOINCREMENT,
    name varchar(150) NOT NULL UNIQUE
);

--bun:split

CREATE TABLE group_permissions (
    group_id integer NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    permission varchar(100) NOT NULL,
    PRIMARY KEY (group_id, permission)
);

--bun:split

CREATE TABLE user_permissions (
    user_id integer NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    permission varchar(100) NOT NULL,
    PRIMARY KEY (user_id, permission)
);

--bun:split

CREATE TABLE user_groups (
    user_id integer NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    group_id integer NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, group_id)
);

--bun:split

CREATE INDEX user_groups_group_id_idx ON user_groups (group_id);

--bun:split

CREATE TABLE history_entries (
    id integer PRIMARY KEY AUTOINCREMENT,
    at timestamptz NOT NULL,
    user_id integer REFERENCES users (id) ON DELETE SET NULL,
    username varchar(150) NOT NULL,
    ip_address varchar(45) NOT NULL,
    channel varchar(20) NOT NULL,
    model varchar(50) NOT NULL,
    object_id integer NOT NULL,
    object_label varchar(255) NOT NULL,
    action varchar(20) NOT NULL CHECK (action IN ('added', 'changed', 'deleted')),
    summary varchar(255) NOT NULL,
    changes text NOT NULL
);

--bun:split

CREATE INDEX history_entries_at_idx ON history_entries (at, id);

--bun:split

CREATE INDEX history_entries_object_idx ON history_entries (model, object_id, id);

--bun:split

CREATE INDEX history_entries_user_id_idx ON history_entries (user_id, id);

-- Lists of the back office as somebody arranged them, under a name: for whoever made
-- them, or without an owner for everybody.
CREATE TABLE saved_views (
    id integer PRIMARY KEY AUTOINCREMENT,
    model varchar(50) NOT NULL,
    name varchar(50) NOT NULL,
    query text NOT NULL,
    owner_id bigint REFERENCES users (id) ON DELETE CASCADE,
    is_default boolean NOT NULL DEFAULT FALSE,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

--bun:split

CREATE UNIQUE INDEX saved_views_name_idx ON saved_views (model, COALESCE(owner_id, 0), name);

--bun:split

CREATE INDEX saved_views_owner_id_idx ON saved_views (owner_id);

--bun:split

-- With what a list opens for somebody: a view, or without one as it is declared. Who has
-- no row here gets the default for everybody.
CREATE TABLE saved_view_defaults (
    id integer PRIMARY KEY AUTOINCREMENT,
    user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    model varchar(50) NOT NULL,
    view_id bigint REFERENCES saved_views (id) ON DELETE CASCADE,
    UNIQUE (user_id, model)
);

--bun:split

CREATE INDEX saved_view_defaults_view_id_idx ON saved_view_defaults (view_id);

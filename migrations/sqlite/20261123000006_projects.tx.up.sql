CREATE TABLE projects (
    id integer PRIMARY KEY AUTOINCREMENT,
    name varchar(255) NOT NULL,
    status varchar(20) NOT NULL DEFAULT 'planning' CHECK (status IN ('planning', 'active', 'on_hold', 'completed')),
    description text NOT NULL DEFAULT '',
    progress integer NOT NULL DEFAULT 0 CHECK (progress BETWEEN 0 AND 100),
    due_date varchar(50) NOT NULL DEFAULT '',
    team_size integer NOT NULL DEFAULT 1 CHECK (team_size >= 0),
    digitalpath_responsible varchar(100) NOT NULL DEFAULT '',
    client_responsible varchar(100) NOT NULL DEFAULT '',
    client_company varchar(255) NOT NULL DEFAULT '',
    tasks_total integer NOT NULL DEFAULT 0 CHECK (tasks_total >= 0),
    tasks_completed integer NOT NULL DEFAULT 0 CHECK (tasks_completed >= 0),
    budget varchar(50) NOT NULL DEFAULT '',
    implementation_time varchar(50) NOT NULL DEFAULT '',
    last_update varchar(50) NOT NULL DEFAULT '',
    full_scope text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL
);

--bun:split

CREATE INDEX projects_created_at_idx ON projects (created_at, id);

--bun:split

CREATE INDEX projects_status_idx ON projects (status, created_at, id);

--bun:split

CREATE INDEX projects_name_idx ON projects (name, id);

--bun:split

CREATE INDEX projects_client_company_idx ON projects (client_company, id);

--bun:split

CREATE TABLE data_sources (
    id integer PRIMARY KEY AUTOINCREMENT,
    project_id integer NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name varchar(255) NOT NULL,
    type varchar(100) NOT NULL DEFAULT '',
    description text NOT NULL DEFAULT '',
    "order" integer NOT NULL DEFAULT 0
);

--bun:split

CREATE INDEX data_sources_project_id_idx ON data_sources (project_id, "order", id);

--bun:split

CREATE TABLE reports (
    id integer PRIMARY KEY AUTOINCREMENT,
    project_id integer NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name varchar(255) NOT NULL,
    frequency varchar(100) NOT NULL DEFAULT '',
    description text NOT NULL DEFAULT '',
    "order" integer NOT NULL DEFAULT 0
);

--bun:split

CREATE INDEX reports_project_id_idx ON reports (project_id, "order", id);

--bun:split

CREATE TABLE analytics (
    id integer PRIMARY KEY AUTOINCREMENT,
    project_id integer NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    name varchar(255) NOT NULL,
    type varchar(100) NOT NULL DEFAULT '',
    description text NOT NULL DEFAULT '',
    "order" integer NOT NULL DEFAULT 0
);

--bun:split

CREATE INDEX analytics_project_id_idx ON analytics (project_id, "order", id);

--bun:split

CREATE TABLE ai_integrations (
    id integer PRIMARY KEY AUTOINCREMENT,
    project_id integer NOT NULL UNIQUE REFERENCES projects (id) ON DELETE CASCADE,
    enabled boolean NOT NULL DEFAULT false,
    features text NOT NULL DEFAULT '[]' CHECK (json_type(features) = 'array'),
    models text NOT NULL DEFAULT '[]' CHECK (json_type(models) = 'array')
);

--bun:split

CREATE TABLE project_members (
    id integer PRIMARY KEY AUTOINCREMENT,
    project_id integer NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    user_id integer NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role varchar(20) NOT NULL CHECK (role IN ('owner', 'editor', 'viewer')),
    UNIQUE (project_id, user_id)
);

--bun:split

CREATE INDEX project_members_user_id_idx ON project_members (user_id, project_id);

--bun:split

CREATE UNIQUE INDEX project_members_owner_key ON project_members (project_id) WHERE role = 'owner';

--bun:split

CREATE VIRTUAL TABLE projects_search USING fts5 (
    name, description, client_company,
    content = 'projects', content_rowid = 'id', tokenize = 'trigram'
);

--bun:split

CREATE TRIGGER projects_search_insert AFTER INSERT ON projects BEGIN
    INSERT INTO projects_search (rowid, name, description, client_company)
    VALUES (new.id, new.name, new.description, new.client_company);
END;

--bun:split

CREATE TRIGGER projects_search_delete AFTER DELETE ON projects BEGIN
    INSERT INTO projects_search (projects_search, rowid, name, description, client_company)
    VALUES ('delete', old.id, old.name, old.description, old.client_company);
END;

--bun:split

CREATE TRIGGER projects_search_update AFTER UPDATE OF name, description, client_company ON projects BEGIN
    INSERT INTO projects_search (projects_search, rowid, name, description, client_company)
    VALUES ('delete', old.id, old.name, old.description, old.client_company);
    INSERT INTO projects_search (rowid, name, description, client_company)
    VALUES (new.id, new.name, new.description, new.client_company);
END;

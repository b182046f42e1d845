CREATE TABLE contact_messages (
    id integer PRIMARY KEY AUTOINCREMENT,
    name varchar(200) NOT NULL,
    email varchar(254) NOT NULL,
    message text NOT NULL,
    status varchar(20) NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'sent', 'failed')),
    is_spam boolean NOT NULL DEFAULT false,
    ip_address varchar(45) NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    sent_at timestamptz,
    error_message text
);

--bun:split

CREATE INDEX contact_messages_created_at_idx ON contact_messages (is_spam, created_at, id);

--bun:split

CREATE INDEX contact_messages_status_idx ON contact_messages (is_spam, status, created_at, id);

--bun:split

CREATE INDEX contact_messages_sent_at_idx ON contact_messages (is_spam, sent_at, id);

--bun:split

CREATE INDEX contact_messages_name_idx ON contact_messages (is_spam, name, id);

--bun:split

CREATE INDEX contact_messages_email_idx ON contact_messages (is_spam, email, id);

--bun:split

CREATE TABLE idempotency_keys (
    route varchar(100) NOT NULL,
    key varchar(255) NOT NULL,
    request_hash char(64) NOT NULL,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (route, key)
);

--bun:split

CREATE INDEX idempotency_keys_created_at_idx ON idempotency_keys (created_at);

--bun:split

CREATE VIRTUAL TABLE contact_messages_search USING fts5 (
    name, email, message,
    content = 'contact_messages', content_rowid = 'id', tokenize = 'trigram'
);

--bun:split

CREATE TRIGGER contact_messages_search_insert AFTER INSERT ON contact_messages BEGIN
    INSERT INTO contact_messages_search (rowid, name, email, message)
    VALUES (new.id, new.name, new.email, new.message);
END;

--bun:split

CREATE TRIGGER contact_messages_search_delete AFTER DELETE ON contact_messages BEGIN
    INSERT INTO contact_messages_search (contact_messages_search, rowid, name, email, message)
    VALUES ('delete', old.id, old.name, old.email, old.message);
END;

--bun:split

CREATE TRIGGER contact_messages_search_update AFTER UPDATE OF name, email, message ON contact_messages BEGIN
    INSERT INTO contact_messages_search (contact_messages_search, rowid, name, email, message)
    VALUES ('delete', old.id, old.name, old.email, old.message);
    INSERT INTO contact_messages_search (rowid, name, email, message)
    VALUES (new.id, new.name, new.email, new.message);
END;

CREATE TABLE waitlist_entries (
    id integer PRIMARY KEY AUTOINCREMENT,
    email varchar(254) NOT NULL,
    first_name varchar(150) NOT NULL DEFAULT '',
    last_name varchar(150) NOT NULL DEFAULT '',
    company varchar(255) NOT NULL DEFAULT '',
    description text NOT NULL DEFAULT '',
    user_id integer REFERENCES users (id) ON DELETE SET NULL,
    notified boolean NOT NULL DEFAULT false,
    is_spam boolean NOT NULL DEFAULT false,
    language varchar(2) NOT NULL DEFAULT '',
    ip_address varchar(45) NOT NULL DEFAULT '',
    utm_source varchar(255) NOT NULL DEFAULT '',
    utm_medium varchar(255) NOT NULL DEFAULT '',
    utm_campaign varchar(255) NOT NULL DEFAULT '',
    utm_term varchar(255) NOT NULL DEFAULT '',
    utm_content varchar(255) NOT NULL DEFAULT '',
    referrer varchar(2000) NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    invited_at timestamptz,
    unsubscribed_at timestamptz
);

--bun:split

CREATE UNIQUE INDEX waitlist_entries_email_key ON waitlist_entries (lower(email));

--bun:split

-- Those who wait, in line.
CREATE INDEX waitlist_entries_waiting_idx ON waitlist_entries (created_at, id)
    WHERE invited_at IS NULL AND unsubscribed_at IS NULL AND NOT is_spam;

--bun:split

CREATE INDEX waitlist_entries_user_id_idx ON waitlist_entries (user_id);

--bun:split

CREATE INDEX waitlist_entries_created_at_idx ON waitlist_entries (is_spam, created_at, id);

--bun:split

CREATE INDEX waitlist_entries_email_idx ON waitlist_entries (is_spam, email, id);

--bun:split

CREATE INDEX waitlist_entries_first_name_idx ON waitlist_entries (is_spam, first_name, id);

--bun:split

CREATE INDEX waitlist_entries_last_name_idx ON waitlist_entries (is_spam, last_name, id);

--bun:split

CREATE INDEX waitlist_entries_company_idx ON waitlist_entries (is_spam, company, id);

--bun:split

CREATE INDEX waitlist_entries_notified_idx ON waitlist_entries (is_spam, notified, created_at, id);

--bun:split

CREATE INDEX waitlist_entries_invited_at_idx ON waitlist_entries (is_spam, invited_at, id);

--bun:split

CREATE INDEX waitlist_entries_unsubscribed_at_idx ON waitlist_entries (is_spam, unsubscribed_at, id);

--bun:split

-- Who unsubscribed stays so, even where the entry is deleted: of the address its
-- SHA-256 is kept.
CREATE TABLE waitlist_optouts (
    address_hash char(64) NOT NULL PRIMARY KEY,
    created_at timestamptz NOT NULL
);

--bun:split

CREATE VIRTUAL TABLE waitlist_entries_search USING fts5 (
    email, first_name, last_name, company, description,
    content = 'waitlist_entries', content_rowid = 'id', tokenize = 'trigram'
);

--bun:split

CREATE TRIGGER waitlist_entries_search_insert AFTER INSERT ON waitlist_entries BEGIN
    INSERT INTO waitlist_entries_search (rowid, email, first_name, last_name, company, description)
    VALUES (new.id, new.email, new.first_name, new.last_name, new.company, new.description);
END;

--bun:split

CREATE TRIGGER waitlist_entries_search_delete AFTER DELETE ON waitlist_entries BEGIN
    INSERT INTO waitlist_entries_search (waitlist_entries_search, rowid, email, first_name, last_name, company, description)
    VALUES ('delete', old.id, old.email, old.first_name, old.last_name, old.company, old.description);
END;

--bun:split

CREATE TRIGGER waitlist_entries_search_update AFTER UPDATE OF email, first_name, last_name, company, description ON waitlist_entries BEGIN
    INSERT INTO waitlist_entries_search (waitlist_entries_search, rowid, email, first_name, last_name, company, description)
    VALUES ('delete', old.id, old.email, old.first_name, old.last_name, old.company, old.description);
    INSERT INTO waitlist_entries_search (rowid, email, first_name, last_name, company, description)
    VALUES (new.id, new.email, new.first_name, new.last_name, new.company, new.description);
END;

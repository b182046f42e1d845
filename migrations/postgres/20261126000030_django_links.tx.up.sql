-- What links that the Django program mailed are signed over.
CREATE TABLE django_links (
    user_id bigint NOT NULL PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    email varchar(254) NOT NULL,
    email_address_id bigint UNIQUE
);

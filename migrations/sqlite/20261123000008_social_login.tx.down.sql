DROP VIEW named_social_accounts;

--bun:split

DROP TABLE one_time_codes;

--bun:split

DROP TABLE social_accounts;

DROP TABLE saved_view_defaults;

--bun:split

DROP TABLE saved_views;

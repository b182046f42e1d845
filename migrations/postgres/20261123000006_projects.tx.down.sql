DROP TABLE project_members;

--bun:split

DROP TABLE ai_integrations;

--bun:split

DROP TABLE analytics;

--bun:split

DROP TABLE reports;

--bun:split

DROP TABLE data_sources;

--bun:split

DROP TABLE projects;

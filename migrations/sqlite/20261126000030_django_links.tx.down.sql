DROP TABLE django_links;

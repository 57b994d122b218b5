CREATE TABLE facts (name TEXT PRIMARY KEY, value INTEGER);
INSERT INTO facts VALUES ('answer', 42), ('zero', 0);

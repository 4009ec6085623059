-- Removes everything the foundation made.
DROP TABLE leases;
DROP TABLE surveys;
DROP TABLE transfers;
DROP TABLE outbox;
DROP TABLE history;
DROP TABLE attempts;
DROP TABLE tasks;
DROP TABLE jobs;

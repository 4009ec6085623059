-- Back to the indexes of the foundation.
DROP INDEX jobs_by_owner_and_status;
DROP INDEX tasks_by_cluster;
CREATE INDEX tasks_by_cluster ON tasks (cluster, duty, due_at);

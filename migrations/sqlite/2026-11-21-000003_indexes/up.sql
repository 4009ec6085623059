-- Parked tasks are woken oldest first, without sorting all of them.
DROP INDEX tasks_by_cluster;
CREATE INDEX tasks_by_cluster ON tasks (cluster, duty, due_at, job_id);
-- How many unfinished jobs an owner has.
CREATE INDEX jobs_by_owner_and_status ON jobs (owner, status);

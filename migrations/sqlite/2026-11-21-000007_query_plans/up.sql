-- Due tasks in the order in which they are claimed, and the question whether an earlier job is among them, without the rows themselves.
DROP INDEX tasks_by_duty;
CREATE INDEX tasks_by_duty ON tasks (duty, due_at, job_id);

-- Lists of an owner's jobs in some states, and of the jobs of a project, newest first.
DROP INDEX jobs_by_owner_and_status;
CREATE INDEX jobs_by_owner_and_status ON jobs (owner, status, id);
CREATE INDEX jobs_by_project ON jobs (project, owner, id);

-- The few registrations for jobs that were over already, oldest first.
CREATE INDEX notifications_owed ON notifications (created_at, id) WHERE tell_now;

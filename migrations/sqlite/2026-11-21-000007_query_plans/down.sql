DROP INDEX notifications_owed;
DROP INDEX jobs_by_project;
DROP INDEX jobs_by_owner_and_status;
CREATE INDEX jobs_by_owner_and_status ON jobs (owner, status);
DROP INDEX tasks_by_duty;
CREATE INDEX tasks_by_duty ON tasks (duty, due_at);

-- What is registered for a job while it lives: where its program can be asked for a checkpoint, who is told of it, which files are collected.
ALTER TABLE attempts ADD COLUMN access_location TEXT;
ALTER TABLE attempts ADD COLUMN access_pid BIGINT;

-- Who is told of what. Without a job: of all jobs of the owner. tell_now: the job was over when this was registered, so its state is to
-- be told once, and nothing after it.
CREATE TABLE notifications (
    id TEXT PRIMARY KEY NOT NULL,
    owner TEXT NOT NULL,
    job_id TEXT REFERENCES jobs (id) ON DELETE CASCADE,
    model TEXT NOT NULL,
    events_json TEXT NOT NULL,
    protocol TEXT NOT NULL,
    destination TEXT,
    users_json TEXT NOT NULL,
    append BOOLEAN,
    format TEXT,
    client TEXT,
    forward TEXT,
    states_json TEXT NOT NULL,
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    tell_now BOOLEAN NOT NULL
);
CREATE INDEX notifications_by_job ON notifications (job_id, created_at);
CREATE INDEX notifications_by_owner ON notifications (owner, created_at);

-- Changes of the files that a task's description declares. Without a path: the declared entry of this name is not collected.
CREATE TABLE file_dirs (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    task_id TEXT NOT NULL,
    role TEXT NOT NULL,
    name TEXT NOT NULL,
    path TEXT,
    url_type TEXT,
    path_type TEXT,
    creation_flag TEXT,
    PRIMARY KEY (job_id, task_id, role, name)
);

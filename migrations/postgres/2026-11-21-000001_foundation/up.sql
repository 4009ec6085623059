-- The foundation: jobs, their tasks and attempts, what happened to them, what is promised, and who works on what.
-- Times are milliseconds since 1970-01-01 UTC. Columns named *_json hold JSON of the types in src/job.

CREATE TABLE jobs (
    id TEXT PRIMARY KEY NOT NULL,
    owner TEXT NOT NULL,
    app_id TEXT NOT NULL,
    project TEXT,
    description TEXT NOT NULL,
    spec_json TEXT NOT NULL,
    task_count INTEGER NOT NULL,
    status TEXT NOT NULL,
    version BIGINT NOT NULL,
    submitted_at BIGINT NOT NULL,
    started_at BIGINT,
    finished_at BIGINT,
    request_id TEXT,
    request_digest TEXT,
    UNIQUE (owner, request_id)
);
CREATE INDEX jobs_by_owner ON jobs (owner, id);
CREATE INDEX jobs_by_status ON jobs (status, id);

-- duty: which worker has the next step; due_at: not before this time; lease_*: who is at it.
CREATE TABLE tasks (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    task_id TEXT NOT NULL,
    state_json TEXT NOT NULL,
    status TEXT NOT NULL,
    version BIGINT NOT NULL,
    attempt INTEGER NOT NULL,
    cluster TEXT,
    duty TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    tries INTEGER NOT NULL,
    lease_owner TEXT,
    lease_until BIGINT NOT NULL,
    PRIMARY KEY (job_id, task_id)
);
CREATE INDEX tasks_by_duty ON tasks (duty, due_at);
CREATE INDEX tasks_by_cluster ON tasks (cluster, duty, due_at);

CREATE TABLE attempts (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    task_id TEXT NOT NULL,
    number INTEGER NOT NULL,
    cluster TEXT NOT NULL,
    queue TEXT,
    host TEXT NOT NULL,
    resource INTEGER,
    token TEXT NOT NULL UNIQUE,
    local_id TEXT,
    started_at BIGINT NOT NULL,
    submit_intended_at BIGINT,
    local_submitted_at BIGINT,
    local_started_at BIGINT,
    local_finished_at BIGINT,
    exit_json TEXT,
    usage_json TEXT,
    outcome TEXT,
    failure_json TEXT,
    PRIMARY KEY (job_id, task_id, number)
);

CREATE TABLE history (
    seq BIGSERIAL PRIMARY KEY NOT NULL,
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    task_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    event TEXT NOT NULL,
    status TEXT NOT NULL,
    detail TEXT
);
CREATE INDEX history_by_job ON history (job_id, seq);

-- Announcements that were promised together with a change and have not been made yet.
CREATE TABLE outbox (
    seq BIGSERIAL PRIMARY KEY NOT NULL,
    job_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    version BIGINT NOT NULL,
    at BIGINT NOT NULL,
    from_status TEXT,
    status TEXT NOT NULL
);

CREATE TABLE transfers (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    task_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    direction TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    location TEXT NOT NULL,
    state TEXT NOT NULL,
    tries INTEGER NOT NULL,
    bytes BIGINT,
    sha256 TEXT,
    error_json TEXT,
    started_at BIGINT,
    finished_at BIGINT,
    PRIMARY KEY (job_id, task_id, attempt, direction, ordinal)
);

-- The last survey of every cluster, and since when it does not answer.
CREATE TABLE surveys (
    cluster TEXT PRIMARY KEY NOT NULL,
    observed_at BIGINT,
    survey_json TEXT,
    failed_since BIGINT,
    failure TEXT
);

-- Claims on things that are not tasks: the monitor of one cluster, its survey, the announcements.
CREATE TABLE leases (
    name TEXT PRIMARY KEY NOT NULL,
    owner TEXT NOT NULL,
    until BIGINT NOT NULL
);

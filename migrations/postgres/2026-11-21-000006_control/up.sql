-- Descriptions that were replaced: which one was in force up to which attempt of a task.
CREATE TABLE former_descriptions (
    job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    task_id TEXT NOT NULL,
    last_attempt INTEGER NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (job_id, task_id, last_attempt)
);

-- The history as callers read it: whose it is, and what was before. Lines from before this have no phases.
ALTER TABLE history ADD COLUMN owner TEXT NOT NULL DEFAULT '';
ALTER TABLE history ADD COLUMN from_status TEXT;
ALTER TABLE history ADD COLUMN phase TEXT;
ALTER TABLE history ADD COLUMN from_phase TEXT;
UPDATE history SET owner = (SELECT jobs.owner FROM jobs WHERE jobs.id = history.job_id);
CREATE INDEX history_by_owner ON history (owner, seq);

-- Up to where an owner's events are no longer complete, because jobs were deleted.
CREATE TABLE event_floors (
    owner TEXT PRIMARY KEY NOT NULL,
    seq BIGINT NOT NULL
);

-- What makes this database this one: a random name, part of every cursor of its events.
CREATE TABLE marks (
    name TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
);

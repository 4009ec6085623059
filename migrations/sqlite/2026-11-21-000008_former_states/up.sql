-- The status before each line, for lines that are older than its column: a line that changed nothing is no change of the status. The first
-- line of a task has nothing before it.
UPDATE history SET from_status = (
    SELECT earlier.status FROM history AS earlier
    WHERE earlier.job_id = history.job_id AND earlier.task_id = history.task_id AND earlier.seq < history.seq
    ORDER BY earlier.seq DESC LIMIT 1
) WHERE from_status IS NULL;

-- Why a task is where it is, when its state alone does not say it: the reason for which a step was put off.
ALTER TABLE tasks ADD COLUMN note TEXT;

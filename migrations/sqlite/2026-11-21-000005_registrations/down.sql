DROP TABLE file_dirs;
DROP TABLE notifications;
ALTER TABLE attempts DROP COLUMN access_pid;
ALTER TABLE attempts DROP COLUMN access_location;

DROP TABLE marks;
DROP TABLE event_floors;
DROP INDEX history_by_owner;
ALTER TABLE history DROP COLUMN from_phase;
ALTER TABLE history DROP COLUMN phase;
ALTER TABLE history DROP COLUMN from_status;
ALTER TABLE history DROP COLUMN owner;
DROP TABLE former_descriptions;

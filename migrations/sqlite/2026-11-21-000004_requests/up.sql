-- What was answered to a control request under its caller's own key, for a caller who did not hear it.
CREATE TABLE requests (
    owner TEXT NOT NULL,
    request_id TEXT NOT NULL,
    operation TEXT NOT NULL,
    digest TEXT NOT NULL,
    answer_json TEXT NOT NULL,
    at BIGINT NOT NULL,
    PRIMARY KEY (owner, request_id)
);
CREATE INDEX requests_by_age ON requests (at);

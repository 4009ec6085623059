//! The tables, as diesel sees them. The twins in `migrations/` make them; a test compares both engines.

diesel::table! {
    jobs (id) {
        id -> Text,
        owner -> Text,
        app_id -> Text,
        project -> Nullable<Text>,
        description -> Text,
        spec_json -> Text,
        task_count -> Integer,
        status -> Text,
        version -> BigInt,
        submitted_at -> BigInt,
        started_at -> Nullable<BigInt>,
        finished_at -> Nullable<BigInt>,
        request_id -> Nullable<Text>,
        request_digest -> Nullable<Text>,
    }
}

diesel::table! {
    tasks (job_id, task_id) {
        job_id -> Text,
        task_id -> Text,
        state_json -> Text,
        status -> Text,
        version -> BigInt,
        attempt -> Integer,
        cluster -> Nullable<Text>,
        duty -> Text,
        due_at -> BigInt,
        tries -> Integer,
        lease_owner -> Nullable<Text>,
        lease_until -> BigInt,
        note -> Nullable<Text>,
    }
}

diesel::table! {
    attempts (job_id, task_id, number) {
        job_id -> Text,
        task_id -> Text,
        number -> Integer,
        cluster -> Text,
        queue -> Nullable<Text>,
        host -> Text,
        resource -> Nullable<Integer>,
        token -> Text,
        local_id -> Nullable<Text>,
        started_at -> BigInt,
        submit_intended_at -> Nullable<BigInt>,
        local_submitted_at -> Nullable<BigInt>,
        local_started_at -> Nullable<BigInt>,
        local_finished_at -> Nullable<BigInt>,
        exit_json -> Nullable<Text>,
        usage_json -> Nullable<Text>,
        outcome -> Nullable<Text>,
        failure_json -> Nullable<Text>,
    }
}

diesel::table! {
    history (seq) {
        seq -> BigInt,
        job_id -> Text,
        task_id -> Text,
        version -> BigInt,
        at -> BigInt,
        event -> Text,
        status -> Text,
        detail -> Nullable<Text>,
        owner -> Text,
        from_status -> Nullable<Text>,
        phase -> Nullable<Text>,
        from_phase -> Nullable<Text>,
    }
}

diesel::table! {
    former_descriptions (job_id, task_id, last_attempt) {
        job_id -> Text,
        task_id -> Text,
        last_attempt -> Integer,
        description -> Text,
    }
}

diesel::table! {
    requests (owner, request_id) {
        owner -> Text,
        request_id -> Text,
        operation -> Text,
        digest -> Text,
        answer_json -> Text,
        at -> BigInt,
    }
}

diesel::table! {
    event_floors (owner) {
        owner -> Text,
        seq -> BigInt,
    }
}

diesel::table! {
    marks (name) {
        name -> Text,
        value -> Text,
    }
}

diesel::table! {
    outbox (seq) {
        seq -> BigInt,
        job_id -> Text,
        task_id -> Text,
        version -> BigInt,
        at -> BigInt,
        from_status -> Nullable<Text>,
        status -> Text,
    }
}

diesel::table! {
    transfers (job_id, task_id, attempt, direction, ordinal) {
        job_id -> Text,
        task_id -> Text,
        attempt -> Integer,
        direction -> Text,
        ordinal -> Integer,
        name -> Text,
        kind -> Text,
        location -> Text,
        state -> Text,
        tries -> Integer,
        bytes -> Nullable<BigInt>,
        sha256 -> Nullable<Text>,
        error_json -> Nullable<Text>,
        started_at -> Nullable<BigInt>,
        finished_at -> Nullable<BigInt>,
    }
}

diesel::table! {
    surveys (cluster) {
        cluster -> Text,
        observed_at -> Nullable<BigInt>,
        survey_json -> Nullable<Text>,
        failed_since -> Nullable<BigInt>,
        failure -> Nullable<Text>,
    }
}

diesel::table! {
    leases (name) {
        name -> Text,
        owner -> Text,
        until -> BigInt,
    }
}

diesel::allow_tables_to_appear_in_same_query!(jobs, tasks, attempts, history, outbox, transfers, surveys, leases);
diesel::allow_tables_to_appear_in_same_query!(jobs, former_descriptions, requests, event_floors, marks);

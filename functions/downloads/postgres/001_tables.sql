-- The history of downloads: applied once, by whoever may make tables. It can be applied again.
-- The functions need SELECT, INSERT, UPDATE and DELETE on these three, and nothing else.
BEGIN;

CREATE TABLE IF NOT EXISTS download_jobs (
    job_id       uuid PRIMARY KEY,
    owner        text NOT NULL,
    status       text NOT NULL CHECK (status IN ('completed', 'failed', 'cancelled')),
    priority     text NOT NULL,
    on_error     text NOT NULL,
    round        integer NOT NULL,
    -- Grows with each change of a job: a row of an older one is never written over a newer.
    version      integer NOT NULL,
    total        integer NOT NULL,
    completed    integer NOT NULL,
    failed       integer NOT NULL,
    created_at   timestamptz NOT NULL,
    started_at   timestamptz,
    completed_at timestamptz NOT NULL,
    exported_at  timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS download_jobs_status ON download_jobs (status, completed_at);
CREATE INDEX IF NOT EXISTS download_jobs_owner ON download_jobs (owner, created_at);
-- For whoever deletes what is too old: DELETE FROM download_jobs WHERE completed_at < now() - interval '2 years'.
CREATE INDEX IF NOT EXISTS download_jobs_completed_at ON download_jobs (completed_at);

CREATE TABLE IF NOT EXISTS download_files (
    job_id     uuid NOT NULL REFERENCES download_jobs ON DELETE CASCADE,
    file_id    bigint NOT NULL,
    owner      text NOT NULL,
    -- pending: the job was cancelled, or gave up at its first failure, before this file had a result.
    status     text NOT NULL CHECK (status IN ('completed', 'failed', 'pending')),
    error_code text,
    key        text,
    size       bigint,
    etag       text,
    PRIMARY KEY (job_id, file_id)
);
CREATE INDEX IF NOT EXISTS download_files_status ON download_files (status, error_code);
CREATE INDEX IF NOT EXISTS download_files_owner ON download_files (owner);
CREATE INDEX IF NOT EXISTS download_files_file ON download_files (file_id);

-- Who was forgotten, by digest, so that a message that was on its way brings nothing back.
CREATE TABLE IF NOT EXISTS download_forgotten (
    owner_sha256 bytea PRIMARY KEY,
    forgotten_at timestamptz NOT NULL
);

COMMIT;

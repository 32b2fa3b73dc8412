-- countermark's store, version 3: histories. Where commits stand and what became of them; decisions that name a commit; summaries
-- in the order in which series are read.

-- The commit that the decision is about, whole or its first digits; '' none.
ALTER TABLE ledger ADD COLUMN commit_id TEXT NOT NULL DEFAULT '';
-- 'file': it stands in the text file of the user's repository, and goes when it is taken out there; '' it was made here.
ALTER TABLE ledger ADD COLUMN origin TEXT NOT NULL DEFAULT '';

-- Commits that somebody wanted measured, measured or not: their place in the history.
CREATE TABLE commits (
    commit_id   TEXT PRIMARY KEY,      -- hexadecimal digits, all of them
    parents     TEXT,                  -- blank between them, first parent first; '' a root; NULL not known
    branch      TEXT NOT NULL,         -- for which it was wanted, or ''
    subject     TEXT NOT NULL,
    commit_time INTEGER NOT NULL       -- seconds since 1970, 0 not known
) WITHOUT ROWID;

-- What became of a commit on a machine. No row: nobody tried.
CREATE TABLE commit_outcome (
    commit_id TEXT NOT NULL REFERENCES commits (commit_id),
    machine   TEXT NOT NULL,           -- its name, or ''
    status    TEXT NOT NULL,           -- measured unbuildable unrunnable
    reason    TEXT NOT NULL,           -- one sentence, or ''
    tried     INTEGER NOT NULL,        -- seconds since 1970
    PRIMARY KEY (commit_id, machine)
) WITHOUT ROWID;

-- Rows are kept in the order of series, so that one of a thousand runs is one piece of the file and a whole history is read from
-- its beginning to its end; a run's own rows are found through the index.
DROP VIEW v_history;
DROP VIEW v_anchors;
ALTER TABLE summary RENAME TO summary_2;
CREATE TABLE summary (
    run     INTEGER NOT NULL REFERENCES run (id),
    point   INTEGER NOT NULL REFERENCES point (id),
    metric  INTEGER NOT NULL REFERENCES metric (id),
    n       INTEGER NOT NULL,          -- launches
    median  REAL NOT NULL,
    low     REAL NOT NULL,             -- smallest launch median
    high    REAL NOT NULL,             -- largest launch median
    quality INTEGER NOT NULL REFERENCES quality (id),
    PRIMARY KEY (point, metric, run)
) WITHOUT ROWID;
INSERT INTO summary (run, point, metric, n, median, low, high, quality)
SELECT run, point, metric, n, median, low, high, quality FROM summary_2 ORDER BY point, metric, run;
DROP TABLE summary_2;
CREATE INDEX summary_run ON summary (run, point, metric);

-- The few launches with a wrong result, whose values stand in no history.
CREATE INDEX launch_wrong ON launch (point, run) WHERE status = 'wrong';

CREATE VIEW v_history AS
SELECT s.run, r.started, c.name AS machine, b.commit_id AS commit_id, b.branch, b.commit_time, p.kernel, p.variant,
       p.text AS point, p.id AS point_id, m.name AS metric, s.n, s.median AS value, s.low, s.high, m.unit, m.better,
       m.deterministic, q.text AS quality, r.status, r.scripted
  FROM summary s JOIN run r ON r.id = s.run JOIN machine c ON c.id = r.machine JOIN build b ON b.id = r.build
       JOIN point p ON p.id = s.point JOIN metric m ON m.id = s.metric JOIN quality q ON q.id = s.quality
 WHERE p.role = '';

CREATE VIEW v_anchors AS
SELECT s.run, r.started, c.name AS machine, p.text AS point, p.code_hash, m.name AS metric, s.n, s.median AS value,
       s.low, s.high, m.unit, q.text AS quality, r.status, r.scripted
  FROM summary s JOIN run r ON r.id = s.run JOIN machine c ON c.id = r.machine
       JOIN point p ON p.id = s.point JOIN metric m ON m.id = s.metric JOIN quality q ON q.id = s.quality
 WHERE p.role = 'anchor';

-- countermark's store, version 1. Never edited after it landed: later versions are later files.
-- Ids are local to one file; a run's uuid is what merge and import go by.

CREATE TABLE machine (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    class  TEXT NOT NULL DEFAULT '',
    facts  TEXT NOT NULL,              -- JSON object, names sorted
    UNIQUE (name, class, facts)
);

CREATE TABLE environment (
    id          INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,
    facts       TEXT NOT NULL          -- JSON object, names sorted
);

CREATE TABLE build (
    id          INTEGER PRIMARY KEY,
    commit_id   TEXT NOT NULL,         -- '' outside a repository
    branch      TEXT NOT NULL,
    subject     TEXT NOT NULL,
    commit_time INTEGER NOT NULL,
    dirty       INTEGER NOT NULL,
    compiler    TEXT NOT NULL,
    flags       TEXT NOT NULL,
    binary_hash TEXT NOT NULL,
    facts       TEXT NOT NULL,
    UNIQUE (commit_id, branch, dirty, compiler, flags, binary_hash, facts)
);

-- A point's history is its text; a row is one identity of it. Rows of one text that differ in kernel_version or
-- variant_version are incomparable; a changed code_hash alone says that the machine code is another.
CREATE TABLE point (
    id              INTEGER PRIMARY KEY,
    text            TEXT NOT NULL,
    kernel          TEXT NOT NULL,
    variant         TEXT NOT NULL,
    kernel_version  TEXT NOT NULL,
    variant_version TEXT NOT NULL,
    code_hash       TEXT NOT NULL,
    UNIQUE (text, kernel_version, variant_version, code_hash)
);
CREATE INDEX point_kernel ON point (kernel, variant);

CREATE TABLE point_axis (
    point  INTEGER NOT NULL REFERENCES point (id),
    axis   TEXT NOT NULL,
    value  TEXT NOT NULL,
    number REAL,                       -- the value as a number, NULL for words
    PRIMARY KEY (point, axis)
) WITHOUT ROWID;

CREATE TABLE metric (
    id            INTEGER PRIMARY KEY,
    name          TEXT NOT NULL UNIQUE,
    unit          TEXT NOT NULL,
    kind          TEXT NOT NULL,       -- duration count gauge derived
    better        TEXT NOT NULL,       -- lower higher neither
    deterministic INTEGER NOT NULL,
    formula       TEXT,                -- derived only
    meaning       TEXT NOT NULL
);

-- "exact", "multiplexed(50%)", "suspect(reason)", "unavailable(reason)": each text once.
CREATE TABLE quality (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
);

CREATE TABLE run (
    id          INTEGER PRIMARY KEY,
    uuid        TEXT NOT NULL UNIQUE,
    run_group   TEXT NOT NULL,
    machine     INTEGER NOT NULL REFERENCES machine (id),
    environment INTEGER NOT NULL REFERENCES environment (id),
    build       INTEGER NOT NULL REFERENCES build (id),
    plan        TEXT NOT NULL,
    arguments   TEXT NOT NULL,
    seed        TEXT NOT NULL,         -- 64 bits, decimal
    shard       INTEGER NOT NULL,
    shards      INTEGER NOT NULL,
    scripted    INTEGER NOT NULL,      -- used the fake collector: never a real baseline
    started     INTEGER NOT NULL,      -- seconds since 1970
    finished    INTEGER,
    status      TEXT NOT NULL          -- running complete interrupted incomplete
);
CREATE INDEX run_build ON run (build);
CREATE INDEX run_group_index ON run (run_group);

CREATE TABLE launch (
    id            INTEGER PRIMARY KEY,
    run           INTEGER NOT NULL REFERENCES run (id),
    sequence      INTEGER NOT NULL,
    point         INTEGER NOT NULL REFERENCES point (id),
    number        INTEGER NOT NULL,
    pass          TEXT NOT NULL,       -- '' is pass 0: time alone. interleaved:old, interleaved:new: a gate's re-run of the
                                       -- baseline's and of this run's program in turns, in no summary
    status        TEXT NOT NULL,       -- see enum launch_status
    reason        TEXT,
    signal        INTEGER,
    exit_code     INTEGER,
    inner         INTEGER,             -- executions per repetition
    started       INTEGER,
    wall_s        REAL,
    executing_s   REAL,
    match         INTEGER,             -- 0 same bits, 1 within tolerance, 2 wrong; NULL not verified
    deviations    INTEGER,
    elements      REAL,
    flops         REAL,
    bytes_read    REAL,
    bytes_written REAL,
    checksum      TEXT,
    UNIQUE (run, sequence)
);
CREATE INDEX launch_point ON launch (point, run);

-- As measured. A value is of the whole repetition (`inner` executions); repetition -1 is of the whole launch.
CREATE TABLE sample (
    launch     INTEGER NOT NULL REFERENCES launch (id),
    metric     INTEGER NOT NULL REFERENCES metric (id),
    repetition INTEGER NOT NULL,
    value      REAL,                   -- NULL when unavailable
    quality    INTEGER NOT NULL REFERENCES quality (id),
    PRIMARY KEY (launch, metric, repetition)
) WITHOUT ROWID;

-- Caches, recomputed and compared by `db check`. Values are PER EXECUTION (sample / inner), except repetition -1.
-- launch_summary: the median over a launch's repetitions. Only samples of launches with status done whose quality is not
-- unavailable; quality is the worst among them.
CREATE TABLE launch_summary (
    launch  INTEGER NOT NULL REFERENCES launch (id),
    metric  INTEGER NOT NULL REFERENCES metric (id),
    n       INTEGER NOT NULL,          -- repetitions
    median  REAL NOT NULL,
    quality INTEGER NOT NULL REFERENCES quality (id),
    PRIMARY KEY (launch, metric)
) WITHOUT ROWID;

-- summary: over the launches of one point in one run, interleaved re-runs left out, of their medians. Derived metrics have
-- n = 0 and quality derived.
CREATE TABLE summary (
    run     INTEGER NOT NULL REFERENCES run (id),
    point   INTEGER NOT NULL REFERENCES point (id),
    metric  INTEGER NOT NULL REFERENCES metric (id),
    n       INTEGER NOT NULL,          -- launches
    median  REAL NOT NULL,
    low     REAL NOT NULL,             -- smallest launch median
    high    REAL NOT NULL,             -- largest launch median
    quality INTEGER NOT NULL REFERENCES quality (id),
    PRIMARY KEY (run, point, metric)
) WITHOUT ROWID;
CREATE INDEX summary_series ON summary (point, metric, run);

CREATE TABLE ledger (
    id      INTEGER PRIMARY KEY,
    kind    TEXT NOT NULL,             -- accept ignore note
    points  TEXT NOT NULL,             -- glob over point texts
    metrics TEXT NOT NULL,             -- glob over metric names
    run     INTEGER REFERENCES run (id),
    reason  TEXT NOT NULL,
    until   TEXT,                      -- ISO date, inclusive
    created INTEGER NOT NULL
);

CREATE TABLE verdict (
    run        INTEGER NOT NULL REFERENCES run (id),
    point      TEXT NOT NULL,
    metric     TEXT NOT NULL,
    baseline   INTEGER REFERENCES run (id),
    verdict    TEXT NOT NULL,          -- slower faster same ambiguous incomparable wrong new
    ratio      REAL,
    ratio_low  REAL,
    ratio_high REAL,
    reason     TEXT NOT NULL,
    finding    INTEGER NOT NULL,       -- number within the check, 0 for none
    PRIMARY KEY (run, point, metric)
) WITHOUT ROWID;

-- Views for people and reports.
CREATE VIEW v_samples AS
SELECT l.run, p.kernel, p.variant, p.text AS point, l.id AS launch, l.pass, m.name AS metric, s.repetition, l.inner,
       s.value, m.unit, q.text AS quality
  FROM sample s JOIN launch l ON l.id = s.launch JOIN point p ON p.id = l.point
       JOIN metric m ON m.id = s.metric JOIN quality q ON q.id = s.quality;

CREATE VIEW v_points AS
SELECT l.run, p.kernel, p.variant, p.text AS point, p.id AS point_id, p.kernel_version, p.variant_version, p.code_hash,
       count(*) AS launches, sum(l.status = 'done') AS done, sum(l.status = 'wrong') AS wrong,
       sum(l.status NOT IN ('done', 'wrong', 'planned', 'skipped', 'unavailable')) AS failed,
       sum(l.status = 'unavailable') AS unavailable,
       max(l.match) AS match, max(l.deviations) AS deviations, max(l.elements) AS elements, max(l.flops) AS flops,
       max(l.bytes_read) AS bytes_read, max(l.bytes_written) AS bytes_written,
       min(CASE WHEN l.status <> 'done' THEN l.reason END) AS reason
  FROM launch l JOIN point p ON p.id = l.point
 WHERE l.pass NOT LIKE 'interleaved:%'
 GROUP BY l.run, p.id;

CREATE VIEW v_history AS
SELECT s.run, r.started, c.name AS machine, b.commit_id AS commit_id, b.branch, b.commit_time, p.kernel, p.variant,
       p.text AS point, p.id AS point_id, m.name AS metric, s.n, s.median AS value, s.low, s.high, m.unit, m.better,
       m.deterministic, q.text AS quality, r.status, r.scripted
  FROM summary s JOIN run r ON r.id = s.run JOIN machine c ON c.id = r.machine JOIN build b ON b.id = r.build
       JOIN point p ON p.id = s.point JOIN metric m ON m.id = s.metric JOIN quality q ON q.id = s.quality;

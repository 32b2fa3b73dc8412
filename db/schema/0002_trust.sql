-- countermark's store, version 2: what is known about a machine's instruments and noise; what a point is for.

-- '' what users measure; 'anchor' a fixed program that tells whether the machine moved. Points with a role are in no list,
-- history or verdict of the work's own points.
ALTER TABLE point ADD COLUMN role TEXT NOT NULL DEFAULT '';

-- The launches of a run's own list: a gate's re-runs, old and new program in turns, are left out.
CREATE VIEW planned_launch AS SELECT * FROM launch WHERE pass NOT LIKE 'interleaved:%';

-- How right an event counts on a machine: counted on kernels whose counts are known by construction. One row per event and point;
-- those of one machine, fingerprint and `scripted` are replaced as a whole. Values are per execution.
CREATE TABLE calibration (
    id            INTEGER PRIMARY KEY,
    machine       TEXT NOT NULL,       -- its name
    fingerprint   TEXT NOT NULL,       -- of the machine and environment it was made on
    metric        TEXT NOT NULL,       -- papi.PAPI_TOT_INS
    point         TEXT NOT NULL,       -- what was counted: truth/random:n=100000
    event         TEXT NOT NULL,       -- what should be counted there: branch_misses; '' if nothing is known of it
    expected      REAL,                -- NULL: nothing is known by construction
    measured      REAL,                -- NULL: could not be counted
    error         REAL,                -- measured / expected - 1; where 0 is expected, measured per element
    spread        REAL,                -- over repetitions and launches: (largest - smallest) / median
    overhead      REAL,                -- what an empty region reads, before it is subtracted
    tolerance     REAL,                -- the largest |error| that is right for this event here
    deterministic INTEGER NOT NULL,    -- every repetition of every launch gave the same count
    verdict       TEXT NOT NULL,       -- right, wrong, unknown (nothing is known by construction), unavailable
    note          TEXT NOT NULL,       -- one sentence: why, or what this event counts on this CPU
    scripted      INTEGER NOT NULL,
    created       INTEGER NOT NULL,    -- seconds since 1970
    UNIQUE (machine, fingerprint, scripted, metric, point, event)
);

-- What a series does when nothing changed, from a plan that was run against itself. The newest of a machine and point counts.
CREATE TABLE noise (
    id              INTEGER PRIMARY KEY,
    machine         TEXT NOT NULL,
    fingerprint     TEXT NOT NULL,
    point           TEXT NOT NULL,     -- its text
    metric          TEXT NOT NULL,
    runs            INTEGER NOT NULL,  -- that the plan was run
    launches        INTEGER NOT NULL,  -- of all of them
    noise           REAL,              -- relative standard deviation of launches (robust)
    autocorrelation REAL,              -- of successive launches, lag 1
    false_alarms    REAL,              -- share of comparisons of the program with itself that were called slower or faster
    comparisons     INTEGER NOT NULL,  -- of which
    drift           REAL,              -- how far two runs lie apart beyond what their launches say; NULL: a count, or not known
    detectable      REAL,              -- smallest change found in 80 % of comparisons; NULL: none up to a factor of 2
    layout          REAL,              -- relative standard deviation between layouts of the same code; NULL: not measured
    layouts         INTEGER NOT NULL,  -- programs with a layout of their own; 0
    scripted        INTEGER NOT NULL,
    created         INTEGER NOT NULL,
    UNIQUE (machine, fingerprint, scripted, point, metric)
);

DROP VIEW v_points;
CREATE VIEW v_points AS
SELECT l.run, p.kernel, p.variant, p.text AS point, p.id AS point_id, p.kernel_version, p.variant_version, p.code_hash,
       count(*) AS launches, sum(l.status = 'done') AS done, sum(l.status = 'wrong') AS wrong,
       sum(l.status NOT IN ('done', 'wrong', 'planned', 'skipped', 'unavailable')) AS failed,
       sum(l.status = 'unavailable') AS unavailable,
       max(l.match) AS match, max(l.deviations) AS deviations, max(l.elements) AS elements, max(l.flops) AS flops,
       max(l.bytes_read) AS bytes_read, max(l.bytes_written) AS bytes_written,
       min(CASE WHEN l.status <> 'done' THEN l.reason END) AS reason
  FROM planned_launch l JOIN point p ON p.id = l.point
 WHERE p.role = ''
 GROUP BY l.run, p.id;

DROP VIEW v_history;
CREATE VIEW v_history AS
SELECT s.run, r.started, c.name AS machine, b.commit_id AS commit_id, b.branch, b.commit_time, p.kernel, p.variant,
       p.text AS point, p.id AS point_id, m.name AS metric, s.n, s.median AS value, s.low, s.high, m.unit, m.better,
       m.deterministic, q.text AS quality, r.status, r.scripted
  FROM summary s JOIN run r ON r.id = s.run JOIN machine c ON c.id = r.machine JOIN build b ON b.id = r.build
       JOIN point p ON p.id = s.point JOIN metric m ON m.id = s.metric JOIN quality q ON q.id = s.quality
 WHERE p.role = '';

-- The anchors of every run, as v_history.
CREATE VIEW v_anchors AS
SELECT s.run, r.started, c.name AS machine, p.text AS point, p.code_hash, m.name AS metric, s.n, s.median AS value,
       s.low, s.high, m.unit, q.text AS quality, r.status, r.scripted
  FROM summary s JOIN run r ON r.id = s.run JOIN machine c ON c.id = r.machine
       JOIN point p ON p.id = s.point JOIN metric m ON m.id = s.metric JOIN quality q ON q.id = s.quality
 WHERE p.role = 'anchor';

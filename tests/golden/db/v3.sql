-- A database as version 3 of the schema kept it: commits that were measured, do not build or are only known, decisions that name one;
-- made once, never edited: later versions must open it.
PRAGMA application_id = 1129140811;
PRAGMA user_version = 3;
PRAGMA foreign_keys=OFF;
BEGIN TRANSACTION;
CREATE TABLE machine (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    class  TEXT NOT NULL DEFAULT '',
    facts  TEXT NOT NULL,              -- JSON object, names sorted
    UNIQUE (name, class, facts)
);
INSERT INTO machine VALUES(1,'box','runner','{"cpu.model":"Some \"CPU\" µ"}');
CREATE TABLE environment (
    id          INTEGER PRIMARY KEY,
    fingerprint TEXT NOT NULL UNIQUE,
    facts       TEXT NOT NULL          -- JSON object, names sorted
);
INSERT INTO environment VALUES(1,'00ff00ff00ff00ff','{"kernel.release":"6.1"}');
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
INSERT INTO build VALUES(1,'0123456789012345678901234567890123456789','main','A subject, with ''quotes''',1700000000,0,'gcc 12','-O2','beef','{"cpu.model":"Some \"CPU\" µ"}');
CREATE TABLE point (
    id              INTEGER PRIMARY KEY,
    text            TEXT NOT NULL,
    kernel          TEXT NOT NULL,
    variant         TEXT NOT NULL,
    kernel_version  TEXT NOT NULL,
    variant_version TEXT NOT NULL,
    code_hash       TEXT NOT NULL, role TEXT NOT NULL DEFAULT '',
    UNIQUE (text, kernel_version, variant_version, code_hash)
);
INSERT INTO point VALUES(1,'triad/serial:cache=warm,size=64','triad','serial','1','1','abcd','');
INSERT INTO point VALUES(2,'triad/serial:cache=warm,size=4096','triad','serial','1','1','abcd','');
INSERT INTO point VALUES(3,'anchor/core','anchor','core','1','1','aa','anchor');
CREATE TABLE point_axis (
    point  INTEGER NOT NULL REFERENCES point (id),
    axis   TEXT NOT NULL,
    value  TEXT NOT NULL,
    number REAL,                       -- the value as a number, NULL for words
    PRIMARY KEY (point, axis)
) WITHOUT ROWID;
INSERT INTO point_axis VALUES(1,'cache','warm',NULL);
INSERT INTO point_axis VALUES(1,'size','64',64.0);
INSERT INTO point_axis VALUES(2,'cache','warm',NULL);
INSERT INTO point_axis VALUES(2,'size','4096',4096.0);
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
INSERT INTO metric VALUES(1,'wall.time','ns','duration','lower',0,NULL,'wall time');
INSERT INTO metric VALUES(2,'count.instructions','1','count','lower',1,NULL,'instructions');
INSERT INTO metric VALUES(3,'memory.peak','bytes','gauge','lower',0,NULL,'peak memory');
INSERT INTO metric VALUES(4,'time.per_element','ns','derived','lower',0,'wall.time / elements','time of one element');
INSERT INTO metric VALUES(5,'flops.rate','1/s','derived','higher',0,'1e9 * work.flops / wall.time','operations a second');
CREATE TABLE quality (
    id   INTEGER PRIMARY KEY,
    text TEXT NOT NULL UNIQUE
);
INSERT INTO quality VALUES(1,'exact');
INSERT INTO quality VALUES(2,'suspect(implied clock 9.1 GHz)');
INSERT INTO quality VALUES(3,'unavailable(the counter was taken)');
INSERT INTO quality VALUES(4,'derived');
INSERT INTO quality VALUES(5,'suspect(the hypervisor took 10 ms away)');
INSERT INTO quality VALUES(6,'suspect(instructions of this pass are 3.2 % above those of the other passes)');
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
INSERT INTO run VALUES(1,'run-one','run-one',1,1,1,'quick','countermark run --quick','18446744073709551615',1,1,0,1795381456,1795381456,'complete');
INSERT INTO run VALUES(2,'run-two','run-two',1,1,1,'quick','countermark run --quick','18446744073709551615',1,1,0,1795381456,1795381456,'complete');
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
INSERT INTO launch VALUES(1,1,0,1,0,'','done',NULL,NULL,0,10,1700000100,0.25,0.125,0,0,100.0,200.0,800.0,400.0,'c0ffee');
INSERT INTO launch VALUES(2,1,1,2,0,'','done',NULL,NULL,0,10,1700000100,0.25,0.125,0,0,100.0,200.0,800.0,400.0,'c0ffee');
INSERT INTO launch VALUES(3,1,2,1,1,'','done',NULL,NULL,0,10,1700000100,0.25,0.125,0,0,100.0,200.0,800.0,400.0,'c0ffee');
INSERT INTO launch VALUES(4,1,3,1,0,'papi:A,B','crashed','died from signal 11',11,0,0,NULL,0.0,0.0,NULL,NULL,0.0,0.0,0.0,0.0,NULL);
INSERT INTO launch VALUES(5,2,0,1,0,'','done',NULL,NULL,0,10,1700000100,0.25,0.125,0,0,100.0,200.0,800.0,400.0,'c0ffee');
INSERT INTO launch VALUES(6,2,1,2,0,'','done',NULL,NULL,0,10,1700000100,0.25,0.125,0,0,100.0,200.0,800.0,400.0,'c0ffee');
INSERT INTO launch VALUES(7,2,2,1,1,'','done',NULL,NULL,0,10,1700000100,0.25,0.125,0,0,100.0,200.0,800.0,400.0,'c0ffee');
INSERT INTO launch VALUES(8,2,3,1,0,'papi:A,B','crashed','died from signal 11',11,0,0,NULL,0.0,0.0,NULL,NULL,0.0,0.0,0.0,0.0,NULL);
INSERT INTO launch VALUES(9,2,4,3,0,'','done',NULL,NULL,0,1,1700000200,0.5,0.0,0,0,1.0,0.0,0.0,0.0,NULL);
CREATE TABLE sample (
    launch     INTEGER NOT NULL REFERENCES launch (id),
    metric     INTEGER NOT NULL REFERENCES metric (id),
    repetition INTEGER NOT NULL,
    value      REAL,                   -- NULL when unavailable
    quality    INTEGER NOT NULL REFERENCES quality (id),
    PRIMARY KEY (launch, metric, repetition)
) WITHOUT ROWID;
INSERT INTO sample VALUES(1,1,0,1020.0,1);
INSERT INTO sample VALUES(1,1,1,1000.0,1);
INSERT INTO sample VALUES(1,1,2,1010.0,1);
INSERT INTO sample VALUES(1,2,0,1000.0,1);
INSERT INTO sample VALUES(1,2,1,1000.0,2);
INSERT INTO sample VALUES(1,2,2,NULL,3);
INSERT INTO sample VALUES(1,3,-1,4096.0,1);
INSERT INTO sample VALUES(2,1,0,2020.0,1);
INSERT INTO sample VALUES(2,1,1,2000.0,1);
INSERT INTO sample VALUES(2,1,2,2010.0,1);
INSERT INTO sample VALUES(2,2,0,1000.0,1);
INSERT INTO sample VALUES(2,2,1,1000.0,2);
INSERT INTO sample VALUES(2,2,2,NULL,3);
INSERT INTO sample VALUES(2,3,-1,4096.0,1);
INSERT INTO sample VALUES(3,1,0,1120.0,1);
INSERT INTO sample VALUES(3,1,1,1100.0,1);
INSERT INTO sample VALUES(3,1,2,1110.0,1);
INSERT INTO sample VALUES(3,2,0,1000.0,1);
INSERT INTO sample VALUES(3,2,1,1000.0,2);
INSERT INTO sample VALUES(3,2,2,NULL,3);
INSERT INTO sample VALUES(3,3,-1,4096.0,1);
INSERT INTO sample VALUES(5,1,0,1520.0,1);
INSERT INTO sample VALUES(5,1,1,1500.0,1);
INSERT INTO sample VALUES(5,1,2,1510.0,1);
INSERT INTO sample VALUES(5,2,0,1000.0,1);
INSERT INTO sample VALUES(5,2,1,1000.0,2);
INSERT INTO sample VALUES(5,2,2,NULL,3);
INSERT INTO sample VALUES(5,3,-1,4096.0,1);
INSERT INTO sample VALUES(6,1,0,3020.0,1);
INSERT INTO sample VALUES(6,1,1,3000.0,1);
INSERT INTO sample VALUES(6,1,2,3010.0,1);
INSERT INTO sample VALUES(6,2,0,1000.0,1);
INSERT INTO sample VALUES(6,2,1,1000.0,2);
INSERT INTO sample VALUES(6,2,2,NULL,3);
INSERT INTO sample VALUES(6,3,-1,4096.0,1);
INSERT INTO sample VALUES(7,1,0,1620.0,1);
INSERT INTO sample VALUES(7,1,1,1600.0,1);
INSERT INTO sample VALUES(7,1,2,1610.0,1);
INSERT INTO sample VALUES(7,2,0,1000.0,6);
INSERT INTO sample VALUES(7,2,1,1000.0,2);
INSERT INTO sample VALUES(7,2,2,NULL,3);
INSERT INTO sample VALUES(7,3,-1,4096.0,1);
INSERT INTO sample VALUES(9,1,0,900.0,5);
INSERT INTO sample VALUES(9,1,1,500.0,1);
INSERT INTO sample VALUES(9,1,2,510.0,1);
CREATE TABLE launch_summary (
    launch  INTEGER NOT NULL REFERENCES launch (id),
    metric  INTEGER NOT NULL REFERENCES metric (id),
    n       INTEGER NOT NULL,          -- repetitions
    median  REAL NOT NULL,
    quality INTEGER NOT NULL REFERENCES quality (id),
    PRIMARY KEY (launch, metric)
) WITHOUT ROWID;
INSERT INTO launch_summary VALUES(1,1,3,101.0,1);
INSERT INTO launch_summary VALUES(1,2,2,100.0,2);
INSERT INTO launch_summary VALUES(1,3,1,4096.0,1);
INSERT INTO launch_summary VALUES(2,1,3,201.0,1);
INSERT INTO launch_summary VALUES(2,2,2,100.0,2);
INSERT INTO launch_summary VALUES(2,3,1,4096.0,1);
INSERT INTO launch_summary VALUES(3,1,3,111.0,1);
INSERT INTO launch_summary VALUES(3,2,2,100.0,2);
INSERT INTO launch_summary VALUES(3,3,1,4096.0,1);
INSERT INTO launch_summary VALUES(5,1,3,151.0,1);
INSERT INTO launch_summary VALUES(5,2,2,100.0,2);
INSERT INTO launch_summary VALUES(5,3,1,4096.0,1);
INSERT INTO launch_summary VALUES(6,1,3,301.0,1);
INSERT INTO launch_summary VALUES(6,2,2,100.0,2);
INSERT INTO launch_summary VALUES(6,3,1,4096.0,1);
INSERT INTO launch_summary VALUES(7,1,3,161.0,1);
INSERT INTO launch_summary VALUES(7,2,2,100.0,6);
INSERT INTO launch_summary VALUES(7,3,1,4096.0,1);
INSERT INTO launch_summary VALUES(9,1,2,505.0,1);
CREATE TABLE ledger (
    id      INTEGER PRIMARY KEY,
    kind    TEXT NOT NULL,             -- accept ignore note
    points  TEXT NOT NULL,             -- glob over point texts
    metrics TEXT NOT NULL,             -- glob over metric names
    run     INTEGER REFERENCES run (id),
    reason  TEXT NOT NULL,
    until   TEXT,                      -- ISO date, inclusive
    created INTEGER NOT NULL
, commit_id TEXT NOT NULL DEFAULT '', origin TEXT NOT NULL DEFAULT '');
INSERT INTO ledger VALUES(1,'accept','*','*',1,'first baseline',NULL,1795381456,'','');
INSERT INTO ledger VALUES(2,'ignore','triad/*','wall.*',NULL,'known','2030-01-31',1795381700,'fedcba98','file');
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
INSERT INTO verdict VALUES(2,'triad/serial:cache=warm,size=64','wall.time',1,'same',1.5,1.25,1.75,'',0);
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
INSERT INTO calibration VALUES(1,'box','00ff00ff00ff00ff','papi.PAPI_BR_INS','truth/branches:n=1000','branches',1000.0,1002.0,0.0020000000000000000416,0.0010000000000000000208,3.0,0.010000000000000000208,1,'right','conditional and unconditional branches',0,1795381456);
INSERT INTO calibration VALUES(2,'box','00ff00ff00ff00ff','papi.PAPI_L2_DCM','truth/chase:n=1000','l2_misses',1000.0,2000.0,1.0,0.10000000000000000555,NULL,0.10000000000000000555,0,'wrong','this event counts twice what it should',0,1795381456);
INSERT INTO calibration VALUES(3,'box','00ff00ff00ff00ff','papi.PAPI_TLB_DM','truth/pages:n=1000','dtlb_misses',NULL,NULL,NULL,NULL,NULL,NULL,0,'unavailable','no such event here',0,1795381456);
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
INSERT INTO noise VALUES(1,'box','00ff00ff00ff00ff','triad/serial:cache=warm,size=64','wall.time',10,80,0.0040000000000000000832,0.10000000000000000555,0.022200000000000000982,45,0.012000000000000000249,NULL,0.020000000000000000416,5,0,1795381456);
CREATE TABLE commits (
    commit_id   TEXT PRIMARY KEY,      -- hexadecimal digits, all of them
    parents     TEXT,                  -- blank between them, first parent first; '' a root; NULL not known
    branch      TEXT NOT NULL,         -- for which it was wanted, or ''
    subject     TEXT NOT NULL,
    commit_time INTEGER NOT NULL       -- seconds since 1970, 0 not known
) WITHOUT ROWID;
INSERT INTO commits VALUES('0123456789012345678901234567890123456789','','main','A subject, with ''quotes''',1700000000);
INSERT INTO commits VALUES('3333333333333333333333333333333333333333',NULL,'','',0);
INSERT INTO commits VALUES('fedcba9876543210fedcba9876543210fedcba98','0123456789012345678901234567890123456789','main','Breaks the build',1700000100);
CREATE TABLE commit_outcome (
    commit_id TEXT NOT NULL REFERENCES commits (commit_id),
    machine   TEXT NOT NULL,           -- its name, or ''
    status    TEXT NOT NULL,           -- measured unbuildable unrunnable
    reason    TEXT NOT NULL,           -- one sentence, or ''
    tried     INTEGER NOT NULL,        -- seconds since 1970
    PRIMARY KEY (commit_id, machine)
) WITHOUT ROWID;
INSERT INTO commit_outcome VALUES('0123456789012345678901234567890123456789','box','measured','',1795381500);
INSERT INTO commit_outcome VALUES('fedcba9876543210fedcba9876543210fedcba98','box','unbuildable','x.c:1: error: "no"',1795381600);
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
INSERT INTO summary VALUES(1,1,1,2,106.0,101.0,111.0,1);
INSERT INTO summary VALUES(2,1,1,2,156.0,151.0,161.0,1);
INSERT INTO summary VALUES(1,1,2,2,100.0,100.0,100.0,2);
INSERT INTO summary VALUES(2,1,2,2,100.0,100.0,100.0,6);
INSERT INTO summary VALUES(1,1,3,2,4096.0,4096.0,4096.0,1);
INSERT INTO summary VALUES(2,1,3,2,4096.0,4096.0,4096.0,1);
INSERT INTO summary VALUES(1,1,4,0,1.0600000000000000532,1.0600000000000000532,1.0600000000000000532,4);
INSERT INTO summary VALUES(2,1,4,0,1.5600000000000000532,1.5600000000000000532,1.5600000000000000532,4);
INSERT INTO summary VALUES(1,1,5,0,1886792452.8301887512,1886792452.8301887512,1886792452.8301887512,4);
INSERT INTO summary VALUES(2,1,5,0,1282051282.0512821674,1282051282.0512821674,1282051282.0512821674,4);
INSERT INTO summary VALUES(1,2,1,1,201.0,201.0,201.0,1);
INSERT INTO summary VALUES(2,2,1,1,301.0,301.0,301.0,1);
INSERT INTO summary VALUES(1,2,2,1,100.0,100.0,100.0,2);
INSERT INTO summary VALUES(2,2,2,1,100.0,100.0,100.0,2);
INSERT INTO summary VALUES(1,2,3,1,4096.0,4096.0,4096.0,1);
INSERT INTO summary VALUES(2,2,3,1,4096.0,4096.0,4096.0,1);
INSERT INTO summary VALUES(1,2,4,0,2.0099999999999997868,2.0099999999999997868,2.0099999999999997868,4);
INSERT INTO summary VALUES(2,2,4,0,3.0099999999999997868,3.0099999999999997868,3.0099999999999997868,4);
INSERT INTO summary VALUES(1,2,5,0,995024875.62189054493,995024875.62189054493,995024875.62189054493,4);
INSERT INTO summary VALUES(2,2,5,0,664451827.24252486229,664451827.24252486229,664451827.24252486229,4);
INSERT INTO summary VALUES(2,3,1,1,505.0,505.0,505.0,1);
INSERT INTO summary VALUES(2,3,4,0,505.0,505.0,505.0,4);
INSERT INTO summary VALUES(2,3,5,0,0.0,0.0,0.0,4);
CREATE INDEX point_kernel ON point (kernel, variant);
CREATE INDEX run_build ON run (build);
CREATE INDEX run_group_index ON run (run_group);
CREATE INDEX launch_point ON launch (point, run);
CREATE VIEW v_samples AS
SELECT l.run, p.kernel, p.variant, p.text AS point, l.id AS launch, l.pass, m.name AS metric, s.repetition, l.inner,
       s.value, m.unit, q.text AS quality
  FROM sample s JOIN launch l ON l.id = s.launch JOIN point p ON p.id = l.point
       JOIN metric m ON m.id = s.metric JOIN quality q ON q.id = s.quality;
CREATE VIEW planned_launch AS SELECT * FROM launch WHERE pass NOT LIKE 'interleaved:%';
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
CREATE INDEX summary_run ON summary (run, point, metric);
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
COMMIT;

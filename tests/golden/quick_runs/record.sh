#!/bin/bash
# Makes launches.txt anew: runs the quick plan again and again, and prints each launch's median of wall.time in nanoseconds.
# usage: record.sh RUNS COUNTERMARK >launches.txt      wants a machine that does nothing else, for RUNS times 15 seconds
# usage: record.sh DATABASE >launches.txt              prints what is stored already
set -euo pipefail

if [ $# = 2 ]; then
    folder=$(mktemp -d)
    trap 'rm -r "$folder"' EXIT
    database=$folder/runs.db
    for ((i = 0; i < $1; i++)); do
        "$2" run --quick --launches 8 --collect wall --db "$database" --progress off >/dev/null
    done
elif [ $# = 1 ] && [ -f "$1" ]; then
    database=$1
else
    sed -n 's/^# usage: /usage: /p' "$0" >&2
    exit 2
fi
sqlite3 "$database" <<'SQL'
SELECT '# ' || count(*) || ' runs of the quick plan, 8 launches a point: a line per run, in the order of time' FROM run;
SELECT '# a machine of ' || json_extract(facts, '$."cpu.count"') || ' CPUs, ' || json_extract(facts, '$."cpu.model"') FROM machine LIMIT 1;
WITH points AS (SELECT p.id, p.text, count(DISTINCT l.run) AS runs FROM launch l JOIN point p ON p.id = l.point
         JOIN launch_summary s ON s.launch = l.id WHERE l.pass = '' AND l.status = 'done' GROUP BY p.id),
     ordered AS (SELECT l.run, l.point, s.median FROM launch l JOIN launch_summary s ON s.launch = l.id
         JOIN metric m ON m.id = s.metric AND m.name = 'wall.time' WHERE l.pass = '' AND l.status = 'done'
         ORDER BY l.run, l.point, l.sequence),
     lines AS (SELECT point, run, group_concat(printf('%.5g', median), ' ') AS line FROM ordered GROUP BY point, run)
SELECT line FROM (SELECT text, 0 AS run, 'point ' || text AS line FROM points WHERE runs = (SELECT count(*) FROM run)
    UNION ALL SELECT p.text, l.run, l.line FROM lines l JOIN points p ON p.id = l.point WHERE p.runs = (SELECT count(*) FROM run))
ORDER BY text, run;
SQL

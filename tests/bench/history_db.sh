#!/bin/bash
# How long `check` and `history` take on years of history: 1,000 commits x 500 points x 12 metrics, made by history_db.c. Prints the
# least of three runs beside the limit and the aim, and the most memory; the answers must tell what was planted.
# `history_db.sh [DATABASE]` takes one that is there already.
. "$TOP/tests/tap.sh"

database=${1:-}
if [ -z "$database" ]; then
    database=history.db
    "$BUILD/tests/bench/history_db" "$database" || exit
fi
exec python3 - "$COUNTERMARK" "$database" <<'PY'
import json, os, subprocess, sys, time

countermark, database = sys.argv[1:]
failed = False


def run(arguments):
    """Wall time, processor time, memory in MB, exit code and standard output of one program."""
    with open("out", "wb") as out:
        began = time.monotonic()
        process = subprocess.Popen([countermark] + arguments + ["--db", database], stdout=out, stderr=subprocess.STDOUT)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    with open("out", encoding="utf-8", errors="replace") as out:
        return wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, process.returncode, out.read()


def measure(name, arguments, limit, aim, code, tells):
    """The least of three; `tells` looks at what it printed."""
    global failed
    results = [run(arguments) for _ in range(3)]
    wall, cpu = (min(r[i] for r in results) for i in (0, 1))
    memory = max(r[2] for r in results)
    good = wall <= limit and memory <= 500 and all(r[3] == code and tells(r[4]) for r in results)
    failed = failed or not good
    print(f"{name:34} {wall:6.2f} s, {cpu:6.2f} s of processor (at most {limit} s, aim {aim} s), "
          f"{memory:4.0f} MB (at most 500 MB, aim 200 MB): {'ok' if good else 'FAILED'}", flush=True)
    if not good:
        print("exit codes", [r[3] for r in results], "instead of", code, "; it ended with:")
        print(results[0][4][-2000:])


def planted(text):
    """The step in instructions of one kernel, at its commit and in all of its points."""
    for f in json.loads(text)["findings"]:
        if f["first"]["subject"] == "Change number 400" and f["kernel"] == "fft" and len(f["series"]) == 100:
            return True
    return False


print(f"database: {os.path.getsize(database) / 2 ** 20:.0f} MiB")
red = lambda text: "blur/openmp instructions +3.0 %" in text
measure("check", ["check", "--machine", "box"], 5, 2, 1, red)
measure("check of 12 metrics", ["check", "--machine", "box", "--metric", "*"], 5, 2, 1, red)
measure("check --window 10", ["check", "--machine", "box", "--window", "10"], 5, 2, 0, lambda text: True)
measure("history", ["history"], 30, 10, 0, lambda text: "blur/openmp" in text)
measure("history as JSON", ["history", "--all", "--format", "json"], 30, 10, 0, planted)
measure("history of 12 metrics", ["history", "--metric", "*"], 30, 10, 0, lambda text: "blur/openmp" in text)
measure("history of one point", ["history", "triad/simd:size=64"], 5, 2, 0, lambda text: "triad/simd" in text)
sys.exit(failed)
PY

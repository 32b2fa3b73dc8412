"""
Measures ./loop and ./google (see peers.sh) with every tool that is there, in turns, and prints one row per tool. A tool that is
missing or cannot count here has a row all the same, with the reason in its cell.
"""
import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time

ROUNDS = 65536
KNOWN = 62 * ROUNDS  # instructions of one execution
MANY = 500  # executions of one process
RUNS = 10  # that make one result, of tools that are told how many
NO_COUNTERS = "no counters on this machine"
COUNTERMARK = os.environ["COUNTERMARK"]


class Failed(Exception):
    """In the tool's own words."""


def call(*words):
    """What it prints."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or ["without a word"]
        raise Failed(f"{os.path.basename(words[0])} failed: {said[0]}")
    return done.stdout


def instrument():
    """What countermark counts with here."""
    rows = json.loads(call(COUNTERMARK, "list", "collectors", "--format", "json"))["rows"]
    here = {row["collector"] for row in rows if row["here"] == "yes"}
    return next((name for name in ("papi", "callgrind") if name in here), None)


def countermark(counter):
    if os.path.exists("peers.db"):
        os.remove("peers.db")
    call(COUNTERMARK, "run", "--db", "peers.db", "-k", "truth", "-v", "instructions", "-s", f"n={ROUNDS}", "--launches", "8",
         "--no-calibrate", "--no-anchor", "--progress", "off", "--collect", ",".join(filter(None, ["wall", counter])))
    db = sqlite3.connect("peers.db")
    launches = {}
    for launch, ns in db.execute("SELECT launch, value / inner FROM v_samples WHERE metric = 'wall.time'"):
        launches.setdefault(launch, []).append(ns)
    counts = [row[0] for row in db.execute("""SELECT value / inner FROM v_samples
        WHERE metric IN ('papi.PAPI_TOT_INS', 'callgrind.instructions') AND value IS NOT NULL""")]
    db.close()
    return statistics.median(map(statistics.median, launches.values())), statistics.median(counts) if counts else NO_COUNTERS


def perf_stat(executions):
    call("perf", "stat", "-x,", "-r", str(RUNS), "-o", "perf.out", "-e", "instructions:u,duration_time", "./loop",
         str(executions), str(ROUNDS))
    found = {}
    with open("perf.out", encoding="utf-8") as lines:
        for line in lines:
            cells = line.split(",")
            if len(cells) > 2 and cells[0][:1].isdigit():
                found[cells[2].split(":")[0]] = float(cells[0]) / executions
    return found.get("duration_time"), found.get("instructions", NO_COUNTERS)


def hyperfine(executions):
    call("hyperfine", "-N", "-w", "1", "-r", str(RUNS), "--export-json", "hyperfine.json", f"./loop {executions} {ROUNDS}")
    with open("hyperfine.json", encoding="utf-8") as result:
        return json.load(result)["results"][0]["median"] * 1e9 / executions, "counts nothing"


def google():
    rows = json.loads(call("./google", "--benchmark_perf_counters=INSTRUCTIONS", f"--benchmark_repetitions={RUNS}",
                           "--benchmark_min_time=0.05", "--benchmark_format=json"))["benchmarks"]
    median = next(row for row in rows if row.get("aggregate_name") == "median")
    # The library says the same of a machine without counters and of itself, where it was built without them.
    without = NO_COUNTERS if "libpfm" in call("ldd", "./google") else "its package is built without counters"
    return median["real_time"], median.get("INSTRUCTIONS", without)


def contestants():
    """(name, function, argument), or (name, None, why it is not here)."""
    counter = instrument()
    yield f"countermark, 8 launches{f' and {counter}' if counter else ''}", countermark, counter
    for name, package, function in (("perf stat", "linux-perf", perf_stat), ("hyperfine", "hyperfine", hyperfine)):
        for executions in (1, MANY):
            if shutil.which(name.split()[0]):
                yield f"{name} -r {RUNS}, a process of {executions}", function, executions
        if not shutil.which(name.split()[0]):
            yield name, None, f"not installed ({package})"
    if os.path.exists("google"):
        yield f"Google Benchmark, {RUNS} repetitions", lambda _: google(), None
    else:
        with open("google.err", encoding="utf-8") as words:
            yield "Google Benchmark", None, "not built: " + next((w.strip() for w in words if "error" in w), "no C++ compiler")


def row(name, results):
    times = [ns for ns, _, _ in results if ns]
    counts = [count for _, count, _ in results]
    price = statistics.median(price for _, _, price in results)
    middle = statistics.median(times) if times else None
    error = counts[0] if isinstance(counts[0], str) else f"{100 * (statistics.median(counts) / KNOWN - 1):+.4f} %"
    spread = f"{100 * (max(times) - min(times)) / middle:.1f} %" if times else ""
    return f"| {name} | {error} | {f'{middle / 1e3:.1f} us' if times else ''} | {spread} | {price:.2f} s |"


def main():
    rounds = int(sys.argv[1])
    all_of_them = list(contestants())
    results = {name: [] for name, _, _ in all_of_them}
    reasons = {name: argument for name, function, argument in all_of_them if not function}
    for _ in range(rounds):
        for name, function, argument in all_of_them:
            begun = time.monotonic()
            if name in reasons:
                continue
            try:
                results[name].append((*function(argument), time.monotonic() - begun))
            except Failed as failure:
                reasons[name] = failure
    print(f"{KNOWN} known instructions of one execution; {rounds} results of each tool, in turns")
    print("| tool | error of its count | time of one execution | spread of its results | a result takes |")
    print("|---|---|---|---|---|")
    for name, _, _ in all_of_them:
        print(f"| {name} | {reasons[name]} | | | |" if name in reasons else row(name, results[name]))
    return any(function is countermark and name in reasons for name, function, _ in all_of_them)


sys.exit(main())

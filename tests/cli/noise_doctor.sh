#!/bin/bash
# The doctor on noise: what moves times here, what it did to the last run, and what to do; and run --isolate, which says what it could
# not do.
. "$TOP/tests/tap.sh"

row() { # NAME KEY: of the doctor's document in ./out
    python3 -c 'import json,sys
print(next(r for r in json.load(open("out"))["noise"]["rows"] if r["name"] == sys.argv[1])[sys.argv[2]])' "$1" "$2"
}
key() { python3 -c 'import json,sys; print(json.load(open("out"))["noise"][sys.argv[1]])' "$1"; }
fact() { sqlite3 "$1" "SELECT json_extract(facts, '\$.isolate') FROM environment"; }

exits 0 "doctor without a database" "$COUNTERMARK" doctor
has out "countermark.db has no run of this machine" "says that nothing is known of a run"
for word in governor turbo smt load steal aslr thp numa swap thermal hypervisor; do
    ok "it tells of $word" grep -q "^  $word  *[^ ]" out
done
not_ok "and makes no database" test -e countermark.db

cat >script.json <<'E'
{"rules": [{"metric": "wall.time", "value": 1000000},
           {"metric": "os.others", "launch": 0, "value": 1.5}, {"metric": "os.others", "value": 0.25},
           {"metric": "os.steal", "repetition": 0, "value": 500000},
           {"metric": "os.throttles", "value": 2}, {"metric": "os.faults_major", "value": 0},
           {"metric": "os.switches_involuntary", "value": 0}]}
E
"$COUNTERMARK" run -k triad -v serial -s size=16K --launches 3 --collect wall,fake:script.json --progress off >run.out 2>&1
repetitions=$(sqlite3 countermark.db "SELECT count(*) FROM v_samples WHERE metric = 'wall.time'")
exits 0 "doctor beside a run" "$COUNTERMARK" doctor --format json
is "knows which" "$(key run) $(key trouble)" "1 "
is "what neighbours did to it" "$(row load last_run)" \
    "others kept 0.2 CPUs busy (median of its launches; at most 1.5); threads were taken off their CPU 0 times in $repetitions repetitions"
ok "what the hypervisor did" grep -Eq "^[0-9.]+ % of the measured time, in 3 of $repetitions repetitions; 3 times are marked$" \
    <(row steal last_run)
ok "and has advice" test -n "$(row steal advice)"
is "what heat did" "$(row thermal last_run)" "heat held the CPUs back 6 times"
is "what addresses did" "$(row aslr last_run)" "each launch had addresses of its own"
is "what swapping did" "$(row swap last_run)" "0 page faults read a disk"
"$COUNTERMARK" doctor >out 2>&1
has out "run 1: heat held the CPUs back 6 times" "people are told the same"
echo nonsense >broken.db
exits 0 "a database that is none" "$COUNTERMARK" doctor --db broken.db --format json
ok "is told, and no reason to stop" test -n "$(key trouble)"

# What may be done depends on who asks and where: it is done or denied, each for itself, and never silently.
cat >addresses.sh <<'E'
#!/bin/sh
sed -n 1s/-.*//p /proc/self/maps >>seen.addresses
cut -d' ' -f19 /proc/self/stat >>seen.nice
nproc >>seen.cpus
E
chmod +x addresses.sh
isolated() { # NAME RUNNER...: a run --isolate by somebody, and what of it came true
    local name=$1 words
    shift
    rm -rf seen.* i.db*
    exits 0 "$name" "$@" "$COUNTERMARK" run --isolate --launches 3 --collect wall --progress off --db i.db -- ./addresses.sh
    words=$(fact i.db)
    has err "workers are isolated: $words" "it says what was done: $words"
    is "each of it or why not" "$(tr ',' '\n' <<<"$words" | sed 's/^ *//; s/^not //; s/:.*//' | sort | tr '\n' ' ')" \
        "aslr cpus priority "
    case $words in
    *"not aslr: "*) ;;
    *) is "addresses are the same in all launches" "$(sort -u seen.addresses | grep -c .)" 1 ;;
    esac
    case $words in
    *"not priority: "*) has err "a higher priority needs" "the cure is told" ;;
    *) is "the priority is raised" "$(sort -u seen.nice)" -10 ;;
    esac
    case $words in
    *"not cpus: "*) ;;
    *) is "one thread has one CPU" "$(sort -u seen.cpus)" 1 ;;
    esac
}
isolated "isolated"

# As nobody, in a folder that nobody can reach.
nobody=(setpriv --reuid=65534 --clear-groups env GIT_CEILING_DIRECTORIES=/)
[ "$(id -u)" = 0 ] || done_testing
folder=$(mktemp -d "${TMPDIR:-/tmp}/countermark-nobody.XXXXXX")
trap 'rm -rf "$folder"' EXIT
chmod 777 "$folder"
cp addresses.sh "$folder"
cd "$folder" || exit 1
if "${nobody[@]}" test -x "$COUNTERMARK" -a -w "$folder" 2>/dev/null; then
    isolated "isolated as nobody" "${nobody[@]}"
    is "who may not raise a priority is told so" "$(fact i.db | grep -o 'not priority: .*')" \
        "not priority: permission denied"
fi
done_testing

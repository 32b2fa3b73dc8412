#!/bin/bash
# Any program, as the worker sees it: time, resource use, checksums, bad ends. One process per repetition.
. "$TOP/tests/tap.sh"

request() { # COMMAND-JSON [MORE FIELDS]
    cat >request <<E
{"protocol":1,"parent":$$,"point":"command/x","kernel":"command","variant":"x","axes":{},"pass":"","number":0,"inner":0,
"target":0.1,"min":1,"max":1,"precision":0.0,"seed":"1","layout":"2","timeout":60.0,"references":null,
"script":null,"count_kernel":false,"isolate":false,"verify":null,"command":$1${2:+,$2}}
E
    status=0
    "$COUNTERMARK" worker 3<request 4>answer >out 2>err </dev/null || status=$?
}

field() {
    python3 -c 'import json,sys
for line in open("answer"):
    message = json.loads(line)
    if "result" in message: print(message["result"][sys.argv[1]])' "$1"
}

values() { # of a metric, one a line
    python3 -c 'import json,sys
names = []
for line in open("answer"):
    m = json.loads(line)
    if "metric" in m: names.append(m["metric"]["name"])
    if "sample" in m and names[m["sample"][0]] == sys.argv[1]: print(m["sample"][2])' "$1"
}

cat >prog <<'E'
#!/bin/sh
echo x >>runs
printf 'result %s\n' "$1"
echo noise >&2
printf '%s' "$1" >"out-$1.txt"
E
chmod +x prog

request '["./prog","7"]'
is "a program is measured" "$status $(field status) $(field match)" "0 1 -1"
is "one process warms up, one is measured" "$(wc -l <runs)" 2
is "one value of time" "$(values wall.time | wc -l)" 1
is "it shows nothing of its output" "$(cat out)" ""
has err noise "its errors go where the worker's go"
is "an execution is one element" "$(field elements) $(field inner)" "1.0 1"
ok "its time is part of what was executing" python3 -c "
import sys; sys.exit(not 0 < $(values wall.time) < $(field executing) * 1e9)"
ok "it has used memory of its own" test "$(values os.max_rss | cut -d . -f 1)" -gt 100000

rm runs
request '["./prog","7"]' '"min":3,"max":3'
is "three repetitions are three processes more" "$(wc -l <runs) $(values wall.time | wc -l)" "4 3"

# Time runs from exec to exit, of all the program does.
request '["sleep","0.2"]'
ok "time is from start to end" python3 -c "import sys; sys.exit(not 0.2e9 <= $(values wall.time) < 2e9)"
request '["sh","-c","i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done & wait"]'
ok "CPU time of its children counts" python3 -c "import sys; sys.exit(not $(values os.user_time) > 1e6)"

# Checksums.
request '["./prog","7"]' '"verify":"sha256"'
is "of standard output" "$(field checksum) $(field match)" "$(echo 'result 7' | sha256sum | cut -c -64) 0"
request '["sh","-c","head -c 3000000 /dev/zero"]' '"verify":"sha256"'
is "of much of it" "$(field checksum)" "$(head -c 3000000 /dev/zero | sha256sum | cut -c -64)"
request '["sh","-c","echo ready; sleep 1000 >/dev/null 2>&1 & echo $! >pid; exec 1>&-"]' '"verify":"sha256"'
is "children left behind do not hold it up" "$(field checksum)" "$(echo ready | sha256sum | cut -c -64)"
kill "$(cat pid)" 2>/dev/null
request '["./prog","8"]' '"verify":"out-*.txt"'
is "a stale file is no result" "$(field status): $(field reason | cut -c -60)" \
    "2: out-7.txt, which is to be verified, is older than this execu"
rm -f out-7.txt
request '["./prog","8"]' '"verify":"out-*.txt"'
first=$(field checksum)
is "of files" "$(field status) ${#first}" "1 64"
request '["./prog","8"]' '"verify":"out-*.txt"'
is "the same twice" "$(field checksum)" "$first"
sed -i 's/%s. "$1" >/%s. "$1 " >/' prog
request '["./prog","8"]' '"verify":"out-*.txt"'
ok "another content, another checksum" test "$(field checksum)" != "$first"
request '["true"]' '"verify":"nothing-*"'
is "no file is no result" "$(field status): $(field reason)" "2: no file matches nothing-*, so there is nothing to verify"

# Bad ends.
request '["./there-is-none"]'
is "a command that is not there" "$status $(field status): $(field reason)" \
    "0 8: the command ./there-is-none is not there or may not be executed"
request '["there-is-none-in-path"]'
is "... nor in PATH" "$(field status)" 8
echo 'no program' >text
request '["./text"]'
is "a file that may not be executed" "$(field status)" 8
chmod +x text
request '["./text"]'
is "a script without its first line" "$(field status): $(field reason)" \
    "8: cannot run ./text: Exec format error (a script needs a first line such as #!/bin/sh)"
request '["sh","-c","exit 3"]'
is "a status that is not 0" "$(field status) $(field exit): $(field reason)" "6 3: ended with status 3"
is "... leaves no samples" "$(values wall.time)" ""
request '["sh","-c","kill -SEGV $$"]'
is "a signal" "$(field status) $(field signal): $(field reason)" "3 11: died from signal 11 (Segmentation fault)"
rm -f once
request '["sh","-c","test ! -e once && touch once"]'
is "only the second time, too" "$(field status) $(field exit)" "6 1"
request '["sh","-c","cat >/dev/null"]'
is "standard input is empty" "$(field status)" 1
request '["sh","-c","for f in /proc/self/fd/[3-9] /proc/self/fd/1?; do test -e $f && ls -l $f; done >leaked; true"]'
is "no descriptor leaks into it" "$(grep -v leaked leaked | grep -c -v /proc/)" 0
done_testing

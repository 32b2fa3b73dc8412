#!/bin/bash
# time: 600
# The examples for machines of one's own: cron's line is run by sh as cron would, systemd's units are verified where systemd is, and
# their commands run. A good night says nothing, a red one all, and two never overlap.
. "$TOP/tests/tap.sh"

examples=$TOP/.ci/examples
command -v git >/dev/null || skip "git is not installed"
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
export GIT_CONFIG_GLOBAL=/dev/null REAL=$COUNTERMARK SCRIPTS=$PWD PATH=$PWD/bin:$PATH

# ---- a project whose `make` does nothing, and the program, scripted
rules='{"metric": "papi.PAPI_TOT_INS", "value": 1000000}'
echo "{\"rules\": [$rules]}" >usual.json
echo "{\"rules\": [{\"point\": \"null*\", \"metric\": \"papi.PAPI_TOT_INS\", \"value\": 1050000}, $rules]}" >slower.json
mkdir bin
printf '#!/bin/sh\necho "a line that make prints"\n' >bin/make
cat >bin/countermark <<'W'
#!/bin/sh
[ "$1" = nightly ] && shift && set -- nightly --collect "wall,fake:$SCRIPTS/$(cat "$SCRIPTS/tonight")" "$@"
PATH=$SCRIPTS/tools exec "$REAL" "$@"
W
chmod +x bin/*
# The program finds git there, and no gnuplot: reports are quicker without their pictures, which others test.
mkdir tools
ln -s "$(command -v git)" tools/git
git init -q -b main upstream
cat >upstream/.countermark.yaml <<'Y'
plans:
  nightly: |
    launches 2
    target 1ms
    collect wall
    use null/empty
Y
git -C upstream add -A
git -C upstream commit -q -m "A project"
git clone -q upstream project
echo usual.json >tonight

# ---- cron
python3 - "$examples/crontab" "$PWD" <<'P' >parsed 2>&1
import re, sys
commands, settings = [], {}
for line in open(sys.argv[1]):
    line = line.rstrip("\n")
    if re.match(r"\s*(#|$)", line):
        continue
    setting = re.fullmatch(r"([A-Z]+)=(.*)", line)
    if setting:
        settings[setting[1]] = setting[2]
        continue
    entry = re.fullmatch(r"([\d*,/-]+)\s+([\d*,/-]+)\s+([\d*,/-]+)\s+([\d*,/-]+)\s+([\d*,/-]+)\s+(\S.*)", line)
    assert entry, line
    assert not re.search(r"(?<!\\)%", entry[6]), "a percent sign ends the command"
    assert len(line) < 998, "cron's lines are short"
    commands.append(entry[6])
assert len(commands) == 1 and set(settings) == {"PATH", "PROJECT"}, (commands, settings)
open("night.sh", "w").write(commands[0])
print("fine")
P
is "crontab: one entry of five fields and a command" "$(cat parsed)" fine
night() {
    PROJECT=$PWD/project sh -c "$(cat night.sh)"
}
exits 0 "cron: the first night" night
is "cron: says nothing" "$(cat out err)" ""
ok "cron: but leaves its log, verdicts and summary" grep -q "stored as the first baseline" project/night.log
ok "cron: all of them" test -s project/verdicts.xml -a -s project/summary.md -a -s project/report/index.html
echo slower.json >tonight
exits 1 "cron: a red night fails" night
ok "cron: and mails the story" sh -c 'tail -n 1 out | grep -q "1 regression: null/empty instructions +5.0 %"'
cp project/night.log before
(
    flock -n 9 && night
) 9>project/.countermark.lock >out 2>err
is "cron: a second one at a time does not begin" "$? $(cat out)" "75 the night before is not over"
ok "cron: and leaves the log alone" cmp before project/night.log
git -C project reset -q --hard
echo "/* of somebody */" >>project/.countermark.yaml
echo "# more" >>upstream/.countermark.yaml
git -C upstream commit -q -a -m "More"
not_ok "cron: a project that cannot be updated is no quiet night" night
git -C project checkout -q .countermark.yaml

# ---- systemd
sed "s|/usr/local/bin/countermark|$PWD/bin/countermark|" "$examples/countermark.service" >countermark.service
cp "$examples/countermark.timer" .
printf '[Service]\nType=oneshot\nExecStart=/bin/true\n' >plain.service
if command -v systemd-analyze >/dev/null && systemd-analyze verify ./plain.service 2>/dev/null; then
    ok "systemd: the units are right" systemd-analyze verify ./countermark.service ./countermark.timer
    is "systemd: without a word" "$(cat ok.out)" ""
    sed 's/^Type=oneshot/Type=often/' countermark.service >wrong.service
    is "systemd: a wrong one would be told" "$(systemd-analyze verify ./wrong.service 2>&1 | grep -c "wrong.service")" 1
    ok "systemd: the timer's calendar is one" systemd-analyze calendar "$(sed -n 's/^OnCalendar=//p' countermark.timer)"
else
    echo "# note: systemd-analyze is not here or cannot work: the units were not verified"
fi
python3 - <<'P' >parsed 2>&1
import configparser, re
text = open("countermark.service").read().replace("\\\n", " ")
service = configparser.RawConfigParser(strict=False)
service.optionxform = str
service.read_string(re.sub(r"^ExecStartPre=.*\n", "", text, flags=re.M))
assert service["Service"]["Type"] == "oneshot" and service["Service"]["StateDirectory"] == "countermark"
timer = configparser.RawConfigParser()
timer.optionxform = str
timer.read("countermark.timer")
assert timer["Timer"]["Persistent"] == "true" and timer["Install"]["WantedBy"] == "timers.target"
lines = re.findall(r"^ExecStartPre=(.*)$", text, flags=re.M) + [service["Service"]["ExecStart"]]
assert not any(c in line for line in lines for c in ";|&$`'\""), lines
open("lines", "w").write("".join(line + "\n" for line in lines))
print("fine")
P
is "systemd: the units say what they should" "$(cat parsed)" fine
mkdir -p state/countermark
sed -i "s|%S|$PWD/state|g" lines
start() { # what the unit does, line by line
    (
        cd project || exit 1
        while read -r line; do
            sh -c "$line" || exit
        done <../lines
    )
}
echo usual.json >tonight
exits 0 "systemd: the first night" start
ok "systemd: leaves database, report, verdicts and summary in its folder" test -s state/countermark/countermark.db -a \
    -s state/countermark/report/index.html -a -s state/countermark/verdicts.xml -a -s state/countermark/summary.md
echo slower.json >tonight
exits 1 "systemd: a red night fails the unit" start
ok "systemd: and its last line tells the story" sh -c 'tail -n 1 out | grep -q "1 regression: null/empty"'
done_testing

#!/bin/bash
# Time of a user's program: old and new are kept, and measured again in turns; where they cannot be, the gate says why and decides
# nothing. The programs run, their times are scripted.
. "$TOP/tests/tap.sh"

printf '#!/bin/sh\nread line <"$1"; echo "$0 $line" >>"$2/started"\n' >prog
chmod +x prog
echo one >input
night() { # FILE NANOSECONDS
    echo "{\"rules\": [{\"metric\": \"wall.time\", \"value\": $2, \"noise\": 0.002}]}" >"$1"
    "$COUNTERMARK" run --collect "wall,fake:$1" --launches 8 --no-anchor --progress off -- ./prog input "$PWD" >run.out 2>run.err ||
        tap_show run.err
}
undecided() { # NAME WHY
    exits 0 "$1: nothing is decided" "$COUNTERMARK" check
    has out "only stored launches speak: $2" "$1: that is said"
}

night first.json 1000000
exits 0 "a first night" "$COUNTERMARK" check
echo '# slower' >>prog
night second.json 1200000
mkdir other
(cd other && "$COUNTERMARK" check --db ../countermark.db >../out 2>../err)
is "checked elsewhere, nothing is decided" $? 0
has out "can be measured again only there" "and it says where it could be"

rm started
exits 1 "a slower program is confirmed" "$COUNTERMARK" check
has out "measured again in turns, old and new program: +20" "by both in turns"
is "as often each" "$(sqlite3 countermark.db "SELECT count(*) FROM launch WHERE pass GLOB 'interleaved:*' GROUP BY pass" | uniq -c | sed 's/ *\([0-9]\).*/\1/')" 2
is "what was started are two copies, with the input that is there" \
    "$(sort -u started | grep -c "countermark.db.builds/commands/.*/0/prog one")" 2

cp -a countermark.db.builds kept
rm -r countermark.db.builds/commands/*
undecided "without the copies" "the prog of then is not kept"
rm -r countermark.db.builds
cp -a kept countermark.db.builds
for copy in countermark.db.builds/commands/*/0/prog; do echo 'echo spoilt >>spoilt' >>"$copy"; done
undecided "with a spoilt copy" "files that its command line names are others by now"
not_ok "which is not started" test -e spoilt
rm -r countermark.db.builds
mv kept countermark.db.builds
echo two >input
undecided "with other input" "files that its command line names are others by now"
echo one >input
rm prog # a build that is gone is no loss
exits 1 "with all as it was it is red again" "$COUNTERMARK" check

# Whatever the program of then loads by now: it has become as slow, so turns show nothing, and that is no proof of "same".
cp second.json first.json
exits 0 "an old program that is as slow by now decides nothing" "$COUNTERMARK" check
has out "+20.0 % against stored launches, and the program of then does as much by now" "and that is said"
is "it is ambiguous" "$(sqlite3 countermark.db "SELECT verdict FROM verdict WHERE run = 2 AND metric = 'wall.time'")" ambiguous
done_testing

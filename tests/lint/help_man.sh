#!/bin/bash
# --help and the man page hold the same commands and options, and no command does anything when asked for help.
. "$TOP/tests/tap.sh"
export MANWIDTH=100

"$COUNTERMARK" help --man >page.1
"$COUNTERMARK" help >overview
commands=$(sed -n '/^Commands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p' overview)
ok "there are commands" test -n "$commands"
is "a file for each command, a command for each file that is not hidden" \
    "$(for c in $commands; do echo "cmd_${c//-/_}.c"; done | LC_ALL=C sort)" \
    "$(cd "$TOP/harness" && grep -L 'hidden = true' cmd_*.c | LC_ALL=C sort)"
is "the page has a section for each command" "$(sed -n 's/^\.SS //p' page.1)" "$commands"

options() { # the words of option lines: "-k, --kernels GLOB" -> one line each
    grep -E '^  +(-[A-Za-z], )?--[a-z]' "$1" | sed 's/^ *//; s/  .*//' | grep -vE '^(-h, )?--help$' | LC_ALL=C sort
}

for c in $commands; do
    exits 0 "$c --help" "$COUNTERMARK" "$c" --help
    is "$c --help says nothing on standard error" "$(cat err)" ""
    is "$c --help leaves nothing behind" "$(find . -newer overview -type f ! -name out ! -name err ! -name 'in_*' ! -name ok.out)" ""
    options out >in_help
    # The section of the page, its escapes undone.
    awk -v c="$c" '/^\.S[SH]/ { on = $0 == ".SS " c } on' page.1 | sed -n '/^\.TP/{n;s/^\.B //p}' | sed 's/\\-/-/g; s/\\e/\\/g' |
        LC_ALL=C sort >in_page
    is "$c: the page has the options of --help" "$(cat in_page)" "$(cat in_help)"
    "$COUNTERMARK" help "$c" >in_other
    is "help $c is $c --help" "$(cat in_other)" "$(cat out)"
    is "$c --help fits 80 columns, its examples apart" \
        "$(sed '/^Examples:/,$d' out | grep -v '^  ' | awk 'length > 80')" ""
    # Every option of the text is one that the command takes. The line is a mistake either way, so that nothing runs.
    sed 's/.*--/--/; s/ .*//' in_help | while read -r word; do
        "$COUNTERMARK" "$c" "$word" value --no-such-option </dev/null 2>&1 | grep -F "there is no option $word"
    done >in_unknown
    is "$c knows the options that it shows" "$(cat in_unknown)" ""
done

# Files that people write: the same words in both.
for topic in config plans; do
    exits 0 "help $topic" "$COUNTERMARK" help "$topic"
    is "help $topic fits 80 columns" "$(grep -v '^  ' out | awk 'length > 80')" ""
    for word in $(sed -n '/^\(Keys\|Statements\):/,/^$/s/^ \{2,6\}\([a-z][a-z-]*\):\{0,1\} .*/\1/p' out); do
        ok "the page has $word" grep -q "^\.B ${word//-/\\\\-}" page.1
    done
done
exits 2 "no command is a usage error" "$COUNTERMARK"
exits 2 "an unknown command is a usage error" "$COUNTERMARK" reprot
has err "did you mean report?" "it names the nearest"
exits 2 "help on an unknown command too" "$COUNTERMARK" help lits
has err "did you mean list" "it names the nearest"
exits 0 "--version" "$COUNTERMARK" --version
has out "countermark " "names the program"
exits 0 "--help" "$COUNTERMARK" --help
is "--help is help" "$(cat out)" "$(cat overview)"
if [ -w /dev/full ]; then
    "$COUNTERMARK" help >/dev/full 2>err
    is "output that cannot be written is an error" "$?" 6
fi
if command -v groff >/dev/null; then
    groff -man -ww -Tutf8 -z page.1 >out 2>&1
    is "roff has no complaints" "$(cat out)" ""
fi
done_testing

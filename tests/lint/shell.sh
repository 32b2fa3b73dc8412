#!/bin/bash
# lint-only: opinions differ between versions of the tool
# No script has anything that shellcheck warns about.
. "$TOP/tests/tap.sh"

command -v shellcheck >/dev/null || skip "shellcheck is not installed: make deps lint"
# tests/tap.sh is found through a variable, which the tool cannot follow (SC1090, SC1091).
check=(shellcheck -S warning -e "SC1090,SC1091")
printf '#!/bin/sh\nfor f in $(ls); do rm $f; done\ncd x\nrm *\n' >planted.sh
not_ok "a careless script is seen" "${check[@]}" planted.sh
cd "$TOP" || exit 1
find .ci harness tests -name '*.sh' -o -path '.ci/run' | LC_ALL=C sort | xargs "${check[@]}" >"$OLDPWD/found.txt"
cd "$OLDPWD" || exit 1
is "shellcheck finds nothing" "$(cat found.txt)" ""
done_testing

#!/bin/bash
# lint-only: minutes of work
# cppcheck finds nothing. Left out: headers of libraries that it does not have, its notes on itself, and two that argue about
# taste or about tables whose rows are function pointers of one type.
. "$TOP/tests/tap.sh"

command -v cppcheck >/dev/null || skip "cppcheck is not installed: make deps lint"
check() {
    cppcheck --quiet --std=c11 --enable=warning,performance,portability --inline-suppr --error-exitcode=1 \
        --suppress=missingIncludeSystem --suppress=checkersReport -D_GNU_SOURCE "$@"
}
printf 'void f(void);\nvoid f(void)\n{\n    int a[2];\n    a[2] = 1;\n}\n' >planted.c
not_ok "a write behind an array is seen" check planted.c
cd "$TOP" || exit 1
check -j "$(nproc)" harness variants collectors db reports >"$OLDPWD/found.txt" 2>&1
cd "$OLDPWD" || exit 1
is "cppcheck finds nothing" "$(grep -E 'error|warning|performance|portability' found.txt)" ""
done_testing

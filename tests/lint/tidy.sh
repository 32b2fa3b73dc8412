#!/bin/bash
# lint-only: minutes of work
# clang-tidy finds nothing; what is left out, and why, stands in .clang-tidy.
. "$TOP/tests/tap.sh"

command -v clang-tidy >/dev/null || skip "clang-tidy is not installed: make deps lint"
printf '#include <stdlib.h>\nint f(void);\nint f(void)\n{\n    int *p = malloc(4);\n    return p ? 1 : 0;\n}\n' >planted.c
cp "$TOP/.clang-tidy" .
not_ok "a leak is seen" clang-tidy --quiet planted.c --
cd "$TOP" || exit 1
# The flags of the build, each file's own included, as clang understands them.
tidy() {
    # shellcheck disable=SC2046
    clang-tidy --quiet "$1" -- -std=c11 -D_GNU_SOURCE -pthread $(pkg-config --cflags hwloc jansson sqlite3 yaml-0.1) \
        $(sed -n "s|^cflags-$1 := ||p" "$BUILD/flags.mk") 2>/dev/null
}
export -f tidy
find harness variants collectors db reports -name '*.c' | LC_ALL=C sort |
    xargs -P "$(nproc)" -I{} bash -c 'tidy {}' >"$OLDPWD/found.txt"
cd "$OLDPWD" || exit 1
is "clang-tidy finds nothing" "$(grep -E '(warning|error):' found.txt | sort -u)" ""
done_testing

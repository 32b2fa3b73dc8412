#!/bin/bash
# The layout is what .clang-format says: make format brings it about.
. "$TOP/tests/tap.sh"

tool=${CLANG_FORMAT:-clang-format}
version=$("$tool" --version 2>/dev/null | sed -n 's/.*version \([0-9]*\).*/\1/p')
[ -n "$version" ] || skip "clang-format is not installed: make deps lint"
[ "$version" = 14 ] || skip "clang-format 14 decides, this is version $version"

cd "$TOP" || exit 1
find harness variants collectors db reports tests -name '*.[ch]' -o -name '*.cu' -o -name '*.cuh' | LC_ALL=C sort >"$OLDPWD/files.txt"
cd "$OLDPWD" || exit 1
cp "$TOP/.clang-format" .
printf 'int  f( void ) {return 1;}\n' >planted.c
not_ok "bad layout is seen" "$tool" --dry-run -Werror planted.c
(cd "$TOP" && xargs "$tool" --dry-run -Werror) <files.txt >found.txt 2>&1
is "every file is laid out" "$(grep -E ': error:' found.txt | cut -d: -f1 | sort -u)" ""
done_testing

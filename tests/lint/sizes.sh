#!/bin/bash
# Files of at most 600 lines, functions of at most 60. What is longer stands in sizes.allow with its length, which may only shrink.
. "$TOP/tests/tap.sh"

measure() { # prints "NAME LINES" for each file and each function, from the working folder
    find Makefile harness variants collectors db reports tests .ci \
        \( -name '*.[ch]' -o -name '*.cu' -o -name '*.cuh' -o -name '*.sh' -o -name '*.gp' -o -name Makefile -o -name run \) -type f |
        LC_ALL=C sort | while read -r file; do
        awk -v file="$file" '
        # By the layout of this project a function is what starts with { and ends with } in the first column.
        /^[A-Za-z_].*\(/ { name = $0; sub(/\(.*/, "", name); sub(/.*[ *]/, "", name) }
        /^\{/ && file ~ /\.(c|h|cuh?)$/ { start = FNR }
        /^\}/ && start { print file ":" name, FNR - start - 1; start = 0 }
        END { print file, FNR }' "$file"
    done
}

judge() { # ALLOWED: what is too long, and what of the list is out of date
    awk -v allowed="$1" '
    BEGIN { while ((getline line < allowed) > 0) if (line !~ /^#/ && split(line, f, " ") == 2) limit[f[1]] = f[2] }
    {
        most = $1 ~ /:/ ? 60 : 600
        if ($1 in limit) {
            seen[$1] = 1
            if ($2 <= most) print $1 ": is within limits now: take it off the list"
            else if ($2 > limit[$1]) print $1 ": " $2 " lines, allowed were " limit[$1]
            else if ($2 < limit[$1]) print $1 ": is down to " $2 " lines: lower its entry"
        } else if ($2 > most) print $1 ": " $2 " lines, at most " most
    }
    END { for (n in limit) if (!(n in seen)) print n ": is gone: take it off the list" }'
}

mkdir -p planted/{harness,variants,collectors,db,reports,tests,.ci} && touch planted/Makefile none
{
    echo 'int long_one(void)'
    echo '{'
    yes '    x++;' | head -n 61
    echo '}'
    echo 'int short_one(void)'
    echo '{'
    yes '    x++;' | head -n 60
    echo '}'
} >planted/harness/a.c
yes '/* */' | head -n 601 >planted/db/b.c
(cd planted && measure) >sizes.txt
is "a function of 61 and a file of 601 lines are seen" "$(judge none <sizes.txt | sort)" \
    "db/b.c: 601 lines, at most 600
harness/a.c:long_one: 61 lines, at most 60"
printf 'db/b.c 601\nharness/a.c:long_one 62\nharness/a.c:short_one 70\ngone.c 700\n' >allow
is "the list may only shrink" "$(judge allow <sizes.txt | sort)" \
    "gone.c: is gone: take it off the list
harness/a.c:long_one: is down to 61 lines: lower its entry
harness/a.c:short_one: is within limits now: take it off the list"

(cd "$TOP" && measure) >sizes.txt
ok "the tree was measured" test "$(wc -l <sizes.txt)" -gt 20
is "the tree keeps its sizes" "$(judge "$TOP/tests/lint/sizes.allow" <sizes.txt)" ""
done_testing

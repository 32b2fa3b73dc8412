#!/bin/sh
# The program again and again with the same machine code in other places: its objects in a shuffled order, with padding of random
# sizes between them. What such programs differ by in time is the layout's doing; `countermark doctor --layout` measures it.
#
#   layouts.sh FOLDER N 'LINK FLAGS' 'LIBRARIES' OBJECT...     FOLDER/1/countermark ... FOLDER/N/countermark
#
# CC in the environment links. The same objects and numbers give the same layouts. Nothing outside FOLDER is written.
set -eu
export LC_ALL=C

fail() {
    echo "layouts: $1" >&2
    exit 1
}

[ $# -ge 5 ] || fail "needs a folder, a number, flags, libraries and objects"
folder=$1 count=$2 flags=$3 libraries=$4
shift 4
case $count in
'' | *[!0-9]*) fail "N is a whole number from 1 to 60, not '$count': make layouts N=5" ;;
esac
[ "$count" -ge 1 ] && [ "$count" -le 60 ] || fail "N is a whole number from 1 to 60, not '$count': make layouts N=5"

# Objects that hold nothing but space, in code and in every kind of data; no names, so that one may be linked several times. Sizes
# reach over a page, in steps of 16 bytes: that moves code and data over cache sets, pages and what predicts branches by address.
pads=24
mkdir -p "$folder/pads"
awk -v pads="$pads" 'BEGIN {
    x = 20261
    for (p = 1; p <= pads; p++) {
        line = p
        for (i = 0; i < 4; i++) { x = (x * 16807) % 2147483647; line = line " " 16 * (1 + x % 320) }
        print line
    }
}' | while read -r p text rodata data bss; do
    printf '.text\n.skip %d\n.section .rodata,"a"\n.skip %d\n.data\n.skip %d\n.bss\n.skip %d\n' \
        "$text" "$rodata" "$data" "$bss" >"$folder/pads/$p.s"
    printf '.section .note.GNU-stack,"",%%progbits\n' >>"$folder/pads/$p.s"
    ${CC:-cc} -c "$folder/pads/$p.s" -o "$folder/pads/$p.o"
done

# Layouts of an earlier build would hold other code.
rm -rf "$folder"/[0-9]*
layout=1
while [ "$layout" -le "$count" ]; do
    mkdir -p "$folder/$layout"
    # The linker places objects in the order in which they are named.
    printf '%s\n' "$@" | awk -v seed="$layout" -v pads="$pads" -v folder="$folder/pads" '
        function random(n) { x = (x * 16807) % 2147483647; return int(x / 7) % n }
        { object[NR] = $0 }
        END {
            x = seed * 7919 + 1
            for (i = 0; i < 10; i++) random(2)
            for (i = NR; i > 1; i--) { k = 1 + random(i); t = object[i]; object[i] = object[k]; object[k] = t }
            for (i = 1; i <= NR; i++) { print object[i]; print folder "/" 1 + random(pads) ".o" }
        }' >"$folder/$layout/order"
    echo "  LINK  $folder/$layout/countermark"
    # Flags and libraries are lists of words.
    # shellcheck disable=SC2086
    ${CC:-cc} $flags "@$folder/$layout/order" $libraries -o "$folder/$layout/countermark.new"
    mv "$folder/$layout/countermark.new" "$folder/$layout/countermark"
    layout=$((layout + 1))
done

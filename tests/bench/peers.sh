#!/bin/bash
# One loop whose instructions are known, measured by this program and by the tools that people would use instead, in turns: how
# wrong their count is, what time they tell for one execution, how far their results lie apart, and what a result costs. The loop is
# truth/instructions, the same machine code for all. Tools that measure processes get one that executes it once, and one that
# executes it many times. Prints the README's table. `peers.sh [RESULTS]`: so many results of each tool (9).
. "$TOP/tests/tap.sh"

object=$BUILD/variants/truth/truth_instructions.o
"${CC:-cc}" -std=c11 -D_GNU_SOURCE -O2 -I"$TOP" "$TOP/tests/bench/peers/loop.c" "$object" -o loop 2>loop.err || {
    echo "the program for the other tools could not be built:" >&2
    cat loop.err >&2
    exit 1
}
# What it prints on failure is the cell of its row.
"${CXX:-g++}" -std=c++20 -O2 -I"$TOP" "$TOP/tests/bench/peers/google.cc" "$object" -lbenchmark -pthread -o google 2>google.err ||
    rm -f google
exec python3 "$TOP/tests/bench/peers/measure.py" "${1:-9}"

# A small repository with a history to tell, for tests; use with:  . "$TOP/tests/history_repo.sh"
#
#   history_repo FOLDER     makes it; commits are tagged c1 to c40, and always have the same ids
#
#   c7          a step of 4 % in time
#   c15         reverts c7
#   c18         0.5 % more instructions, the same time
#   c21         does not build; c22 mends it
#   c25 to c36  time creeps up by 0.3 % a commit, twelve times
#
# Its program is compiled in a moment and counts to ROUNDS, so its instructions are real; its time is what time.json scripts, with a
# noise of its own in every commit. `.countermark.yaml` says how to build and run it.
# shellcheck shell=bash

history_repo_time() { # COMMIT: nanoseconds
    awk -v c="$1" 'BEGIN {
        time = 1000000
        for (i = 25; i <= 36 && i <= c; i++)
            time *= 1.003
        if (c >= 7 && c < 15)
            time *= 1.04
        printf "%.0f", time
    }'
}

history_repo_commit() { # NUMBER SUBJECT
    local when="$((1767225600 + $1 * 86400)) +0000"

    cat >time.json <<E
{ "seed": $1, "rules": [{ "metric": "wall.time", "value": $(history_repo_time "$1"), "noise": 0.003 }] }
E
    echo "$1: $2" >>NEWS
    git add -A
    GIT_AUTHOR_DATE=$when GIT_COMMITTER_DATE=$when git commit -q -m "$2"
    git tag "c$1"
}

history_repo_files() {
    cat >prog.c <<'E'
/* Counts to ROUNDS. */
#include "rounds.h"

int main(void)
{
    volatile unsigned sum = 0;

    for (unsigned i = 0; i < ROUNDS; i++)
        sum += i;
    return 0;
}
E
    echo '#define ROUNDS 100000' >rounds.h
    cat >build.sh <<'E'
# Without shared libraries a simulator has little else to do; where there are no static ones, it has.
${CC:-cc} -O1 -static -o prog prog.c 2>/dev/null || ${CC:-cc} -O1 -o prog prog.c
E
    cat >.countermark.yaml <<'E'
build:
  command: sh build.sh
  run: --launches 8 --no-anchor --collect wall,callgrind,fake:time.json -- ./prog
E
    printf '*.db*\nprog\n' >.gitignore
}

history_repo() { # FOLDER
    local number subject

    mkdir -p "$1"
    (
        cd "$1" || exit 1
        git init -q .
        git checkout -q -b main
        git config user.name Somebody
        git config user.email somebody@example.org
        git config commit.gpgsign false
        git config core.autocrlf false
        history_repo_files
        for number in $(seq 40); do
            subject="Documentation, part $number"
            case $number in
            2[5-9] | 3[0-6])
                subject="Feature $number"
                ;;
            7)
                subject="Checks every argument"
                ;;
            21)
                subject="Half a change"
                echo 'int broken(' >>prog.c
                ;;
            22)
                subject="The other half"
                sed -i '/broken/d' prog.c
                ;;
            18)
                subject="Counts a little further"
                echo '#define ROUNDS 100531' >rounds.h
                ;;
            15)
                subject='Revert "Checks every argument"'
                ;;
            esac
            history_repo_commit "$number" "$subject"
        done
    )
}

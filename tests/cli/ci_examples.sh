#!/bin/bash
# time: 600
# The example workflows of .ci/examples, without their servers: their YAML is read, their shell parts are run by a player of the two
# services (tests/tools/workflow.py) in fresh checkouts, with the real program and stand-ins for make, apt-get, gh and curl. The
# history must survive from job to job by what the workflow caches, and a red night must fail, upload and comment.
. "$TOP/tests/tap.sh"

examples=$TOP/.ci/examples
command -v git >/dev/null || skip "git is not installed"
python3 -c 'import yaml' 2>/dev/null || skip "python3-yaml is not installed: make deps test"
unset "${!GITHUB_@}" "${!CI_@}" CI
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org
export GIT_CONFIG_GLOBAL=/dev/null

# ---- stand-ins: a `make` that "builds" the program, scripted by what the checkout holds; services that write down what they are asked
mkdir bin
cat >bin/make <<'M'
#!/bin/sh
echo "make $*" >>"$PLAYED/calls"
mkdir -p build
cat >build/countermark <<W
#!/bin/sh
[ "\$1" = nightly ] && shift && set -- nightly --collect "wall,fake:\$(cat script)" "\$@"
PATH=$TOOLS exec "$REAL" "\$@"
W
chmod +x build/countermark
M
for name in apt-get gh curl; do
    cat >"bin/$name" <<'C'
#!/bin/sh
echo "${0##*/} $*" >>"$PLAYED/calls"
case "$*" in *--edit-last*) exit 1 ;; esac # there is no comment yet
for file; do
    case $file in
    *.md) cp "${file#body@}" "$PLAYED/comment" ;;
    esac
done
C
done
chmod +x bin/*
# The program finds git there, and no gnuplot: a dozen reports are quicker without their pictures, which others test.
mkdir played tools
ln -s "$(command -v git)" tools/git
export REAL=$COUNTERMARK PLAYED=$PWD/played TOOLS=$PWD/tools PATH=$PWD/bin:$PATH

# ---- a project with four commits: usual, slower on main; usual, slower on a branch that left at the first
rules='{"metric": "papi.PAPI_TOT_INS", "value": 1000000}'
echo "{\"rules\": [$rules]}" >usual.json
echo "{\"rules\": [{\"point\": \"null/*\", \"metric\": \"papi.PAPI_TOT_INS\", \"value\": 1050000}, $rules]}" >slower.json
git init -q -b main project
commit() { # SCRIPT SUBJECT
    echo "$PWD/$1" >project/script
    git -C project add -A
    git -C project commit -q --allow-empty -m "$2"
    git -C project rev-parse HEAD
}
mkdir -p project/variants/null
cat >project/.countermark.yaml <<'Y'
plans:
  nightly: |
    launches 2
    target 1ms
    collect wall
    use null/empty
Y
echo "/* stands for the real one */" >project/variants/null/null_empty.c
usual=$(commit usual.json "As usual")
git -C project checkout -q -b feature
fine=$(commit usual.json "A fine change")
slow=$(commit slower.json "A slow change")
git -C project checkout -q main
red=$(commit slower.json "Slower on main")

play() { # SERVICE WORKFLOW EVENT COMMIT ENV CONTEXT
    mkdir -p "$1"
    [ -e "$1/origin" ] || cp -r project "$1/origin"
    rm -f played/* && touch played/calls
    jq=$(printf '{"event": "%s", "commit": "%s", "env": {%s}, "context": {%s}}' "$3" "$4" "$5" "$6")
    echo "$jq" >event.json
    python3 "$TOP/tests/tools/workflow.py" "$1" "$2" event.json "$1"
    local code=$?
    cat "$1/log" >&2 2>/dev/null
    return $code
}
uploaded() { # SERVICE: what every night leaves
    ok "$1: report, summary, verdicts and database are uploaded" test -s "$1/artifacts/report/index.html" -a \
        -s "$1/artifacts/summary.md" -a -s "$1/artifacts/verdicts.xml" -a -s "$1/artifacts/countermark.db"
}
runs() { # SERVICE: how many the history has
    sqlite3 "$1/artifacts/countermark.db" "SELECT count(*) FROM run WHERE status = 'complete'"
}

# ---- GitHub
context() { # RUN [REPOSITORY OF THE HEAD]
    printf '"runner.os": "Linux", "github.run_id": "%s", "github.run_attempt": "1", "github.repository": "a/project",' "$1"
    printf '"github.token": "t", "github.event.pull_request.number": "7",'
    printf '"github.event.pull_request.head.repo.full_name": "%s"' "${2:-a/project}"
}
night='"GITHUB_REF_NAME": "main"'
request='"GITHUB_REF_NAME": "7/merge", "GITHUB_HEAD_REF": "feature", "GITHUB_BASE_REF": "main"'
exits 0 "GitHub: the first night" play github "$examples/github.yml" schedule "$usual" "$night" "$(context 1)"
uploaded github
has github/step_summary "stored as the first baseline" "GitHub: the job's summary tells it"
has played/calls "make deps" "GitHub: it installs what it needs"
lacks played/calls "gh " "GitHub: a night comments nowhere"
exits 0 "GitHub: a fine pull request" play github "$examples/github.yml" pull_request "$fine" "$request" "$(context 2)"
is "GitHub: has the cached history" "$(runs github)" 2
has github/log "nothing slower" "GitHub: and is compared with where its branch left"
exits 1 "GitHub: a slow pull request fails by the exit code" \
    play github "$examples/github.yml" pull_request "$slow" "$request" "$(context 3)"
is "GitHub: pull requests leave no history behind" "$(runs github)" 2
uploaded github
has played/calls "gh pr comment 7 --edit-last" "GitHub: it mends its comment"
has played/calls "gh pr comment 7 --body-file" "GitHub: or writes the first"
has played/comment "null/empty" "GitHub: with the summary"
lacks played/comment "![" "GitHub: without pictures that nobody could see there"
exits 1 "GitHub: one from a fork fails, too" \
    play github "$examples/github.yml" pull_request "$slow" "$request" "$(context 4 b/project)"
lacks played/calls "gh " "GitHub: but may not comment"
exits 1 "GitHub: a red night" play github "$examples/github.yml" schedule "$red" "$night" "$(context 5)"
is "GitHub: has the history of the night before" "$(runs github)" 2
has github/log "::error file=variants/null/null_empty.c,title=countermark%3A null/empty slower::instructions +5.0 %25" \
    "GitHub: annotations name the file"
ok "GitHub: the picture is uploaded beside the summary" test -s github/artifacts/pictures/F1.svg
has github/artifacts/summary.md "](pictures/F1.svg)" "GitHub: which links to it"
exits 1 "GitHub: the next night is red, too" play github "$examples/github.yml" workflow_dispatch "$red" "$night" "$(context 6)"
is "GitHub: for a red night's history is kept" "$(runs github)" 3

# ---- GitLab
request='"CI_MERGE_REQUEST_IID": "7", "CI_MERGE_REQUEST_SOURCE_BRANCH_NAME": "feature", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    "CI_PROJECT_ID": "3", "CI_API_V4_URL": "https://gitlab.example/api/v4", "CI_JOB_URL": "https://gitlab.example/j/1"'
night='"CI_COMMIT_BRANCH": "main", "CI_JOB_URL": "https://gitlab.example/j/1"'
token=', "COUNTERMARK_TOKEN": "secret"'
exits 0 "GitLab: the first night" play gitlab "$examples/gitlab.yml" schedule "$usual" "$night" ""
uploaded gitlab
has played/calls "apt-get install" "GitLab: it installs what it needs"
lacks played/calls "curl " "GitLab: a night comments nowhere"
exits 1 "GitLab: a slow merge request fails by the exit code" \
    play gitlab "$examples/gitlab.yml" merge_request_event "$slow" "$request$token" ""
is "GitLab: compared with the cached history" "$(runs gitlab)" 2
has played/calls "https://gitlab.example/api/v4/projects/3/merge_requests/7/notes" "GitLab: the comment goes to the request"
has played/comment "![F1" "GitLab: with its pictures"
has played/comment "](https://gitlab.example/j/1/artifacts/raw/pictures/F1.svg)" "GitLab: from the job's artifacts"
ok "GitLab: where they are" test -s gitlab/artifacts/pictures/F1.svg
is "GitLab: its branch is the request's" \
    "$(sqlite3 gitlab/artifacts/countermark.db "SELECT b.branch FROM run r JOIN build b ON b.id = r.build ORDER BY r.id DESC LIMIT 1")" feature
exits 1 "GitLab: a red night, without a token" play gitlab "$examples/gitlab.yml" schedule "$red" "$night" ""
lacks played/calls "curl " "GitLab: says nothing anywhere else"
uploaded gitlab
done_testing

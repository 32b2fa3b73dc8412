/* REFs with git's help: see ref_words.h. */
#include "ref_words.h"

#include "../db/ref.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"
#include "git.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_BACK "--max-count=20000" /* commits before the one that was named */

struct commits {
    char **items;
    size_t count, capacity;
};

static int take_commit(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct commits *list = user;

    (void)count;
    (void)e;
    VEC_ROOM(list->items, list->count, list->capacity);
    list->items[list->count++] = mem_copy(c[0].text);
    return 0;
}

static void commits_clear(struct commits *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct commits){0};
}

/* What git makes of a revision: all digits of its commit; NULL if it knows none. */
static char *ask_commit(const char *revision, char **complaint)
{
    char *word = mem_format("%s^{commit}", revision), *answer;
    const char *const words[] = {"rev-parse", "--verify", "--end-of-options", word, NULL};

    answer = git_ask(".", words, complaint);
    if (answer)
        answer[strcspn(answer, "\n")] = 0;
    free(word);
    return answer;
}

static bool is_digits(const char *word)
{
    return strlen(word) >= 4 && strlen(word) <= 64 && strspn(word, "0123456789abcdefABCDEF") == strlen(word);
}

char *ref_commit(struct store *s, const char *revision, struct err *e)
{
    const char *const parameters[] = {revision};
    struct commits found = {0};
    char *commit = NULL, *complaint = NULL;

    if (is_digits(revision) &&
        store_query(s,
                    "SELECT commit_id FROM build WHERE commit_id GLOB lower(?1) || '*' UNION"
                    " SELECT commit_id FROM commits WHERE commit_id GLOB lower(?1) || '*' LIMIT 2",
                    parameters, 1, take_commit, &found, e)) {
        commits_clear(&found);
        return NULL;
    }
    if (found.count == 1)
        commit = mem_copy(found.items[0]);
    else if (found.count > 1)
        err_set(e, CM_USAGE, "%s stands for several commits, such as %.12s and %.12s; write more of it", revision,
                found.items[0], found.items[1]);
    else
        commit = ask_commit(revision, &complaint);
    if (!commit && !found.count)
        err_set(e, CM_USAGE, "%s holds no commit %.100s, and git says: %.300s", store_path(s), revision,
                complaint && strstr(complaint, "single revision") ? "it knows no such name" : complaint);
    free(complaint);
    commits_clear(&found);
    return commit;
}

static bool holds(const struct commits *list, const char *commit, size_t length)
{
    for (size_t i = 0; i < list->count; i++)
        if (strlen(list->items[i]) == length && !strncmp(list->items[i], commit, length))
            return true;
    return false;
}

/* The first of git's lines that is a commit of the list; free(). `skip` is none. */
static char *first_measured(const char *lines, const struct commits *measured, const char *skip, size_t *steps)
{
    *steps = 0;
    while (*lines) {
        size_t length = strcspn(lines, "\n");

        if (holds(measured, lines, length) && strncmp(lines, skip, length) != 0)
            return mem_copy_n(lines, length);
        ++*steps;
        lines += length + (lines[length] == '\n');
    }
    return NULL;
}

/* The newest complete run of this commit or of the nearest one before it that has one; `skip`: the commit of the candidate. */
static int nearest(struct store *s, const char *what, const char *commit, const char *machine, const char *skip,
                   int64_t *run, char **note, struct err *e)
{
    const char *const words[] = {"rev-list", "--first-parent", LOOK_BACK, commit, NULL};
    const char *const parameters[] = {machine ? machine : ""};
    char *complaint = NULL, *lines = git_ask(".", words, &complaint), *found = NULL, *ref;
    struct commits measured = {0};
    size_t steps = 0;
    int failed;

    if (!lines) {
        err_set(e, CM_USAGE, "%s: git says: %.300s", what, complaint);
        free(complaint);
        return -1;
    }
    failed = store_query(s,
                         "SELECT DISTINCT b.commit_id FROM run r JOIN build b ON b.id = r.build"
                         " JOIN machine m ON m.id = r.machine WHERE r.status = 'complete' AND NOT b.dirty"
                         " AND ?1 IN ('', m.name)",
                         parameters, 1, take_commit, &measured, e);
    if (!failed)
        found = first_measured(lines, &measured, skip ? skip : "", &steps);
    if (!failed && !found)
        failed = err_set(e, CM_NOTHING,
                         "%s is commit %.12s: neither it nor a commit before it was measured%s%s from a clean tree; "
                         "measure it: countermark backfill",
                         what, commit, machine && *machine ? " on machine " : "", machine ? machine : "");
    if (!failed) {
        ref = mem_format("commit:%s", found);
        failed = ref_resolve(s, ref, machine, NULL, run, e);
        free(ref);
        if (!failed && steps)
            *note = mem_format("%s is commit %.7s, which %s: %.7s, %zu commit%s before it, is compared with", what,
                               commit, skip && !strcmp(skip, commit) ? "is judged itself" : "was not measured", found,
                               steps, steps == 1 ? "" : "s");
    }
    commits_clear(&measured);
    free(found);
    free(lines);
    free(complaint);
    return failed;
}

static int of_tag(struct store *s, const char *ref, const char *machine, int64_t *run, char **note, struct err *e)
{
    char *name = mem_format("refs/tags/%s", ref + strlen("tag:")), *complaint = NULL, *commit;
    int failed;

    commit = ask_commit(name, &complaint);
    if (commit)
        failed = nearest(s, ref, commit, machine, "", run, note, e);
    else
        failed = err_set(e, CM_USAGE, "%.100s names no tag here; git says: %.300s", ref, complaint);
    free(commit);
    free(complaint);
    free(name);
    return failed;
}

/* The commit in which both histories meet; NULL if git does not know the other one. */
static char *meeting(const char *commit, const char *other)
{
    const char *const words[] = {"merge-base", commit, other, NULL};
    char *answer = git_ask(".", words, NULL);

    if (answer)
        answer[strcspn(answer, "\n")] = 0;
    return answer;
}

/* Build services tell what a request is to be merged into. */
static char *told_target(const char *commit)
{
    static const char *const told[] = {"GITHUB_BASE_REF", "CI_MERGE_REQUEST_TARGET_BRANCH_NAME", "CHANGE_TARGET"};
    char *point = NULL;

    for (size_t i = 0; i < sizeof told / sizeof *told && !point; i++) {
        const char *name = getenv(told[i]);
        char *other;

        if (!name || !*name)
            continue;
        other = mem_format("refs/remotes/origin/%s", name);
        point = meeting(commit, other);
        free(other);
        if (point)
            break;
        other = mem_format("refs/heads/%s", name);
        point = meeting(commit, other);
        free(other);
    }
    return point;
}

static char *branch_point(const char *commit)
{
    static const char *const mains[] = {
        "refs/remotes/origin/HEAD",   "refs/heads/main",  "refs/heads/master",        "refs/remotes/origin/main",
        "refs/remotes/origin/master", "refs/heads/trunk", "refs/remotes/origin/trunk"};
    char *point = told_target(commit);

    for (size_t i = 0; i < sizeof mains / sizeof *mains && !point; i++)
        point = meeting(commit, mains[i]);
    return point;
}

/* Without git, outside of a repository or in one that lacks the commit there is nothing to look for. */
static int no_branch_point(const char *commit, const char *run, struct err *e)
{
    char *complaint = NULL, *known = ask_commit(commit, &complaint);

    if (known)
        err_set(e, CM_USAGE,
                "branch-point: git in this folder knows no main branch (origin/HEAD, main, master, trunk) that "
                "shares history with commit %.12s of run %s",
                commit, run);
    else
        err_set(e, CM_USAGE, "branch-point: commit %.12s of run %s is not known here; git says: %.300s", commit, run,
                complaint);
    free(known);
    free(complaint);
    return -1;
}

static int of_branch_point(struct store *s, const char *machine, int64_t candidate, int64_t *run, char **note,
                           struct err *e)
{
    char id[24], *commit = NULL, *point = NULL;
    const char *const parameters[] = {id};
    int failed;

    if (!candidate &&
        ref_resolve(s, "last", machine, NULL, &candidate, e)) /* where nothing is checked: of the newest run */
        return -1;
    snprintf(id, sizeof id, "%" PRId64, candidate);
    failed = store_text(s, "SELECT b.commit_id FROM run r JOIN build b ON b.id = r.build WHERE r.id = ?1", parameters,
                        1, &commit, e);
    if (!failed && (!commit || !*commit))
        failed = err_set(e, CM_USAGE, "branch-point: run %s has no commit, so nobody knows where its branch began", id);
    if (!failed)
        point = branch_point(commit);
    if (!failed && !point)
        failed = no_branch_point(commit, id, e);
    if (!failed)
        failed = nearest(s, "branch-point", point, machine, commit, run, note, e);
    free(commit);
    free(point);
    return failed;
}

/* commit:HEAD~1, commit:main: what git calls a commit. Digits are the database's. */
static int of_revision(struct store *s, const char *ref, const char *machine, const char *branch, int64_t *run,
                       struct err *e)
{
    char *commit = ref_commit(s, strchr(ref, ':') + 1, e), *full;
    int failed = -1;

    if (commit) {
        full = mem_format("commit:%s", commit);
        failed = ref_resolve(s, full, machine, branch, run, e);
        free(full);
    }
    free(commit);
    return failed;
}

int ref_find(struct store *s, const char *ref, const char *machine, const char *branch, int64_t candidate, int64_t *run,
             char **note, struct err *e)
{
    char *unread = NULL;
    int failed;

    if (text_starts(ref, "tag:"))
        failed = of_tag(s, ref, machine, run, &unread, e);
    else if (text_starts(ref, "commit:") && !is_digits(strchr(ref, ':') + 1))
        failed = of_revision(s, ref, machine, branch, run, e);
    else if (!strcmp(ref, "branch-point"))
        failed = of_branch_point(s, machine, candidate, run, &unread, e);
    else
        failed = ref_resolve(s, ref, machine, branch, run, e);
    if (note)
        *note = unread;
    else
        free(unread);
    return failed;
}

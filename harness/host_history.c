/*
 * Where a run's commit stands in its history. Nights measure every fifth commit or so: the ones between are stored, too, along the
 * first parents as far as a commit that is known already, so that a change is told as "between these two, 3 commits" and in order.
 */
#include "../db/commit.h"
#include "base/log.h"
#include "base/mem.h"
#include "commit_build.h"
#include "host.h"

#include <stdlib.h>
#include <string.h>

#define FURTHEST "--max-count=500" /* where nothing is known yet */

static bool is_commit(const char *text)
{
    size_t length = text ? strlen(text) : 0;

    return (length == 40 || length == 64) && strspn(text, "0123456789abcdef") == length;
}

static int is_known(struct store *s, const char *commit, bool *known, struct err *e)
{
    const char *const parameters[] = {commit};
    double one;

    return store_number(s, "SELECT 1 FROM commits WHERE commit_id = ?1 AND parents IS NOT NULL", parameters, 1, &one,
                        known, e);
}

/* Without a repository at hand: what the run itself knows. */
static int store_alone(const struct host *h, struct store *s, struct err *e)
{
    const struct commit_row row = {.commit = h->commit,
                                   .parents = h->parents,
                                   .branch = h->branch,
                                   .subject = h->subject,
                                   .time = h->commit_time,
                                   .status = "known",
                                   .reason = "",
                                   .machine = h->machine_name};

    return store_commits(s, &row, 1, e);
}

int host_store_commits(const struct host *h, struct store *s, struct err *e)
{
    struct commit_list list;
    struct commit_row *rows;
    struct err trouble = {0};
    size_t count = 0;
    bool known = false;
    int failed = 0;

    if (!is_commit(h->commit))
        return 0;
    if (is_known(s, h->commit, &known, e))
        return -1;
    if (known)
        return 0;
    if (!h->repository)
        return store_alone(h, s, e);
    if (commits_before(h->repository, h->commit, FURTHEST, &list, &trouble)) {
        log_warning("the history of the commit is not known: %s", trouble.text);
        return store_alone(h, s, e);
    }
    rows = mem_new(list.count + 1, sizeof *rows);
    for (size_t i = list.count; i-- > 0 && !failed && !known;) {
        const struct commit *c = &list.items[i];

        failed = is_known(s, c->id, &known, e);
        if (!failed && !known)
            rows[count++] = (struct commit_row){.commit = c->id,
                                                .parents = c->parents,
                                                .branch = h->branch,
                                                .subject = c->subject,
                                                .time = c->time,
                                                .status = "known",
                                                .reason = "",
                                                .machine = h->machine_name};
    }
    if (!failed)
        failed = store_commits(s, rows, count, e);
    free(rows);
    commits_free(&list);
    return failed;
}

int host_store_measured(const struct host *h, struct store *s, struct err *e)
{
    const struct commit_row row = {.commit = h->commit,
                                   .branch = h->branch,
                                   .subject = h->subject,
                                   .time = h->commit_time,
                                   .status = "measured",
                                   .reason = "",
                                   .machine = h->machine_name};

    return is_commit(h->commit) && !h->dirty ? store_commits(s, &row, 1, e) : 0;
}

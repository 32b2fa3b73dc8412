/* Commits and what became of them, taken from records: what is known here stays, gaps are filled, the newer outcome wins. */
#include "record.h"

#include "commit.h"

#include <string.h>

static const int64_t latest = INT64_C(1) << 40; /* seconds since 1970 */

static int take_outcome(struct taker *t, const struct commit_row *commit, const json_t *r, struct err *e)
{
    struct commit_row row = *commit;
    int64_t tried;

    if (!json_is_object(r))
        return err_set(e, CM_INTERNAL, "the commit has no good 'outcomes': objects are needed");
    if (field_label(r, "machine", &row.machine, e) || field_name(r, "status", &row.status, e) ||
        field_text(r, "reason", &row.reason, e) || field_integer(r, "tried", 0, latest, &tried, e))
        return -1;
    if (!commit_status_ok(row.status))
        return err_set(e, CM_INTERNAL, "the commit has no good 'status': '%.40s' is none", row.status);
    return commit_add_outcome(taker_store(t), &row, tried, false, e);
}

int take_commit(struct taker *t, const json_t *r, struct err *e)
{
    const json_t *outcomes = json_object_get(r, "outcomes"), *outcome;
    struct commit_row row = {0};
    size_t i;

    if (field_name(r, "commit", &row.commit, e) || field_text(r, "parents", &row.parents, e) ||
        field_label(r, "branch", &row.branch, e) || field_text(r, "subject", &row.subject, e) ||
        field_integer(r, "time", -latest, latest, &row.time, e))
        return -1;
    if (!commit_ok(row.commit))
        return err_set(e, CM_INTERNAL, "the commit has no good 'commit': '%.80s' is none", row.commit);
    if (row.parents && !commit_parents_ok(row.parents))
        return err_set(e, CM_INTERNAL, "the commit has no good 'parents': '%.200s' are none", row.parents);
    if (outcomes && !json_is_array(outcomes))
        return err_set(e, CM_INTERNAL, "the commit has no good 'outcomes': a list is needed");
    if (commit_add_place(taker_store(t), &row, true, e))
        return -1;
    json_array_foreach(outcomes, i, outcome)
    {
        if (take_outcome(t, &row, outcome, e))
            return -1;
    }
    return 0;
}

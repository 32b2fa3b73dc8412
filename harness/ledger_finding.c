/* A finding of the last check, read back from its stored verdicts: see ledger_decide.h. */
#include "ledger_decide.h"

#include "base/mem.h"
#include "gate_model.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OF_HISTORY "what history lists is taken by --points and --commit, as history prints it"
#define LONGEST_GLOB 4000 /* bytes: the ledger takes little more */

int decide_finding_number(const char *word)
{
    size_t digits = *word == 'F' || *word == 'f' ? strspn(word + 1, "0123456789") : 0;

    return digits && digits < 7 && !word[1 + digits] ? (int)strtol(word + 1, NULL, 10) : 0;
}

static int last_checked(struct store *s, const char *machine, int number, int64_t *run, struct err *e)
{
    const char *const parameters[] = {machine ? machine : ""};
    double value;
    bool found;

    if (store_number(
            s,
            "SELECT r.id FROM run r JOIN machine c ON c.id = r.machine WHERE ?1 IN ('', c.name)"
            " AND EXISTS (SELECT 1 FROM verdict v WHERE v.run = r.id) ORDER BY r.started DESC, r.id DESC LIMIT 1",
            parameters, 1, &value, &found, e))
        return -1;
    if (!found)
        return err_set(e, CM_USAGE,
                       "F%d is a finding of the last check, and %s holds none%s%s yet: countermark check; " OF_HISTORY,
                       number, store_path(s), machine ? " of machine " : "", machine ? machine : "");
    *run = (int64_t)value;
    return 0;
}

static int take_point(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct decide_finding *f = user;

    (void)count;
    (void)e;
    VEC_ROOM(f->points, f->point_count, f->point_capacity);
    f->points[f->point_count++] = mem_copy(c[0].text);
    f->wrong = f->wrong || c[1].number > 0 || c[2].number > 0;
    f->failed = f->failed || c[3].number > 0;
    f->baseline = c[4].number > 0 ? (int64_t)c[4].number : f->baseline;
    return 0;
}

static int take_metric(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct decide_finding *f = user;

    (void)count;
    (void)e;
    VEC_ROOM(f->metrics, f->metric_count, f->metric_capacity);
    f->metrics[f->metric_count++] = mem_copy(c[0].text);
    return 0;
}

/* The commit of the run that was checked: what moved came no later. '' if it was built of what the baseline was, or by hand. */
static int read_commit(struct store *s, struct decide_finding *f, struct err *e)
{
    char run[24], baseline[24];
    const char *const parameters[] = {run, baseline};

    snprintf(run, sizeof run, "%" PRId64, f->run);
    snprintf(baseline, sizeof baseline, "%" PRId64, f->baseline);
    return store_text(s,
                      "SELECT CASE WHEN b.dirty OR b.commit_id = coalesce((SELECT o.commit_id FROM run q"
                      " JOIN build o ON o.id = q.build WHERE q.id = ?2), '') THEN '' ELSE b.commit_id END"
                      " FROM run r JOIN build b ON b.id = r.build WHERE r.id = ?1",
                      parameters, 2, &f->commit, e);
}

int decide_finding_read(struct store *s, const char *machine, int number, struct decide_finding *f, struct err *e)
{
    char id[24], finding[24];
    const char *const parameters[] = {id, finding};

    *f = (struct decide_finding){.number = number};
    if (last_checked(s, machine, number, &f->run, e))
        return -1;
    snprintf(id, sizeof id, "%" PRId64, f->run);
    snprintf(finding, sizeof finding, "%d", number);
    if (store_query(s,
                    "SELECT v.point, max(v.verdict = 'wrong'), max(w.wrong), max(w.failed), max(v.baseline)"
                    " FROM verdict v LEFT JOIN v_points w ON w.run IN " GATE_RUNS " AND w.point = v.point"
                    " WHERE v.run = ?1 AND v.finding = ?2 GROUP BY v.point ORDER BY v.point",
                    parameters, 2, take_point, f, e) ||
        store_query(s, "SELECT DISTINCT metric FROM verdict WHERE run = ?1 AND finding = ?2 ORDER BY metric",
                    parameters, 2, take_metric, f, e) ||
        read_commit(s, f, e))
        return -1;
    return f->point_count
               ? 0
               : err_set(e, CM_USAGE,
                         "the last check, of run %" PRId64 ", has no finding F%d; see: countermark check; " OF_HISTORY,
                         f->run, number);
}

void decide_finding_free(struct decide_finding *f)
{
    for (size_t i = 0; i < f->point_count; i++)
        free(f->points[i]);
    for (size_t i = 0; i < f->metric_count; i++)
        free(f->metrics[i]);
    free(f->points);
    free(f->metrics);
    free(f->commit);
    *f = (struct decide_finding){0};
}

char **decide_finding_globs(const struct decide_finding *f)
{
    char **list = mem_new(f->point_count + 1, sizeof *list);
    struct buf b = {0};
    size_t count = 0;

    for (size_t i = 0; i < f->point_count; i++) {
        char *glob = gate_point_glob(f->points[i]);

        if (b.length && b.length + strlen(glob) > LONGEST_GLOB)
            list[count++] = buf_take(&b);
        buf_addf(&b, "%s%s", b.length ? "," : "", glob);
        free(glob);
    }
    if (b.length)
        list[count] = buf_take(&b);
    return list;
}

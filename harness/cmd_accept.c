/*
 * countermark accept: what a finding showed, or a whole run, is the baseline from now on. The decision is kept with its reason in
 * the ledger; what is wrong, failed or half measured is never accepted.
 */
#include "../db/ref.h"
#include "base/mem.h"
#include "base/text.h"
#include "cmd.h"
#include "config.h"
#include "gate_model.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct accept_options {
    const char *reason, *until, *database, *machine;
};

#define AT(field) .offset = offsetof(struct accept_options, field)

static const struct option_row rows[] = {
    {"reason", 0, OPTION_TEXT, "TEXT", "says why, for those who read the ledger later (needed)", AT(reason), NULL},
    {"until", 0, OPTION_TEXT, "DATE", "holds up to this day, 2026-12-31; then the older baseline is back", AT(until),
     NULL},
    {"machine", 0, OPTION_TEXT, "NAME", "means the last check of this machine", AT(machine), NULL},
    {"db", 0, OPTION_TEXT, "FILE", "writes into this database (countermark.db)", AT(database), NULL},
    {0},
};

/* The points of a finding as they are read. */
struct accepted {
    char **points;
    size_t count, capacity;
    char *verdict;
    bool wrong, failed;
};

static int take_point(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct accepted *a = user;

    (void)count;
    (void)e;
    VEC_ROOM(a->points, a->count, a->capacity);
    a->points[a->count++] = mem_copy(c[0].text);
    if (!a->verdict)
        a->verdict = mem_copy(c[1].text);
    a->wrong = a->wrong || !strcmp(c[1].text, "wrong") || c[2].number > 0;
    a->failed = a->failed || c[3].number > 0;
    return 0;
}

static void accepted_free(struct accepted *a)
{
    for (size_t i = 0; i < a->count; i++)
        free(a->points[i]);
    free(a->points);
    free(a->verdict);
}

/* "F3" or "f3" -> 3; 0 for anything else. */
static int finding_number(const char *word)
{
    size_t digits = *word == 'F' || *word == 'f' ? strspn(word + 1, "0123456789") : 0;

    return digits && digits < 7 && !word[1 + digits] ? (int)strtol(word + 1, NULL, 10) : 0;
}

static int last_checked(struct store *s, const char *machine, int64_t *run, struct err *e)
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
        return err_set(e, CM_USAGE, "%s holds no verdicts%s%s yet; run: countermark check", store_path(s),
                       machine ? " of machine " : "", machine ? machine : "");
    *run = (int64_t)value;
    return 0;
}

/* Scripted runs prove the gate, not the machine: they are a baseline among their like only. */
static int check_run(struct store *s, int64_t run, struct err *e)
{
    char id[24], *status = NULL;
    const char *const parameters[] = {id};
    double value;
    bool mixed;
    int failed;

    snprintf(id, sizeof id, "%" PRId64, run);
    if (store_text(s, "SELECT status FROM run WHERE id = ?1", parameters, 1, &status, e))
        return -1;
    failed = status && strcmp(status, "complete")
                 ? err_set(e, CM_USAGE, "run %s is %s and cannot be a baseline; complete it: countermark run --resume",
                           id, status)
                 : 0;
    free(status);
    if (failed || store_number(s,
                               "SELECT 1 FROM run WHERE id = ?1 AND scripted = 1"
                               " AND EXISTS (SELECT 1 FROM run WHERE scripted = 0)",
                               parameters, 1, &value, &mixed, e))
        return -1;
    return mixed ? err_set(e, CM_USAGE, "run %s is scripted and cannot be a baseline among real runs", id) : 0;
}

static int add_row(struct store *s, const struct accept_options *o, int64_t run, const char *points, struct err *e)
{
    struct ledger_row row = {
        .kind = "accept", .points = points, .metrics = "*", .run = run, .reason = o->reason, .until = o->until};

    return store_ledger_add(s, &row, NULL, e);
}

static int check_finding(const struct accepted *a, int number, int64_t run, struct err *e)
{
    if (a->count == 0)
        return err_set(e, CM_USAGE, "the last check, of run %" PRId64 ", has no finding F%d; see: countermark check",
                       run, number);
    if (a->wrong)
        return err_set(e, CM_USAGE, "F%d is a wrong result of %s: that is never accepted, it is repaired", number,
                       a->points[0]);
    if (a->failed)
        return err_set(e, CM_USAGE, "F%d has failed launches of %s: there is no sound result to accept", number,
                       a->points[0]);
    return 0;
}

static int accept_finding(struct store *s, const struct accept_options *o, int number, struct err *e)
{
    char id[24], finding[24];
    const char *const parameters[] = {id, finding};
    struct accepted a = {0};
    int64_t run = 0;
    int failed;

    if (last_checked(s, o->machine, &run, e) || check_run(s, run, e))
        return -1;
    snprintf(id, sizeof id, "%" PRId64, run);
    snprintf(finding, sizeof finding, "%d", number);
    failed = store_query(s,
                         "SELECT v.point, min(v.verdict), max(w.wrong), max(w.failed) FROM verdict v"
                         " LEFT JOIN v_points w ON w.run IN " GATE_RUNS " AND w.point = v.point"
                         " WHERE v.run = ?1 AND v.finding = ?2 GROUP BY v.point ORDER BY v.point",
                         parameters, 2, take_point, &a, e) ||
             check_finding(&a, number, run, e);
    for (size_t i = 0; i < a.count && !failed; i++) {
        char *glob = gate_point_glob(a.points[i]);

        failed = add_row(s, o, run, glob, e);
        free(glob);
    }
    if (!failed)
        printf("accepted F%d: %zu point%s of run %" PRId64 " (%s%s) are the baseline from now on%s%s\n", number,
               a.count, a.count == 1 ? "" : "s", run, a.points[0], a.count > 1 ? ", ..." : "",
               o->until ? ", until " : "", o->until ? o->until : "");
    accepted_free(&a);
    return failed ? -1 : 0;
}

static int accept_run(struct store *s, const struct accept_options *o, const char *ref, struct err *e)
{
    char id[24], *wrong = NULL;
    const char *const parameters[] = {id};
    int64_t run = 0;
    int failed;

    if (ref_resolve(s, ref, o->machine, NULL, &run, e) || check_run(s, run, e))
        return -1;
    snprintf(id, sizeof id, "%" PRId64, run);
    if (store_text(s, "SELECT point FROM v_points WHERE run = ?1 AND (wrong > 0 OR failed > 0) ORDER BY point LIMIT 1",
                   parameters, 1, &wrong, e))
        return -1;
    if (wrong)
        failed =
            err_set(e, CM_USAGE,
                    "run %s has wrong results or failed launches (%s) and cannot be a baseline as a whole; accept its "
                    "findings one by one: countermark check",
                    id, wrong);
    else
        failed = add_row(s, o, run, "*", e);
    if (!failed)
        printf("accepted run %s: it is the baseline of all its points from now on%s%s\n", id,
               o->until ? ", until " : "", o->until ? o->until : "");
    free(wrong);
    return failed ? -1 : 0;
}

static int accept(const struct accept_options *o, const char *what, const struct config *c, struct err *e)
{
    const char *database = o->database ? o->database : c->database ? c->database : "countermark.db";
    int number = finding_number(what), failed;
    struct store *s = NULL;

    failed = store_open(&s, database, STORE_UPDATE, e);
    if (!failed)
        failed = number ? accept_finding(s, o, number, e) : accept_run(s, o, what, e);
    store_close(s);
    return failed;
}

static int run(int argc, char **argv, struct err *e)
{
    struct accept_options o = {0};
    struct option_list operands = {0};
    struct config c = {0};
    int code = opt_parse(rows, argc, argv, &o, &operands, NULL, e);

    if (!code && operands.count != 1)
        code = err_set(e, CM_USAGE, "accept takes one finding or one run: countermark accept F1 --reason TEXT");
    if (!code && (!o.reason || !*o.reason))
        code = err_set(e, CM_USAGE, "accept needs --reason TEXT: others will want to know why");
    if (!code)
        code = config_read(&c, e);
    if (!code)
        o.machine = o.machine ? o.machine : c.machine; /* as check has it */
    if (!code)
        code = accept(&o, operands.items[0], &c, e);
    config_free(&c);
    opt_list_free(&operands);
    return code ? e->code : CM_FINE;
}

const struct command command_accept = {
    .summary = "makes what a finding showed, or a whole run, the baseline from now on",
    .usage = "FINDING|RUN",
    .details =
        "F1 is a finding of the last check; a REF or bare digits are a run. Of a finding all its points are accepted "
        "with "
        "all their metrics. Wrong results, failed launches and incomplete runs are refused. The decision stands in the "
        "ledger with its reason; with --until it ends by itself.",
    .rows = rows,
    .examples = "countermark accept F1 --reason \"checks bounds now\"\n"
                "countermark accept run:12 --reason \"new compiler\" --until 2026-12-31",
    .run = run,
};

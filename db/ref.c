/* How runs are named: see ref.h. */
#include "ref.h"

#include "store_internal.h"

#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { shortest_commit = 4, listed = 8 };

static const char known[] = "run:N, commit:X, tag:T, branch-point, last, accepted, machine:NAME; "
                            "check compares with best, window:N and variant:V, too";

/* The first column of the first rows as "a, b, c", "none" without any; for "what exists instead". */
static int list_of(struct store *s, const char *literal, const char *one, const char *two, struct buf *out,
                   struct err *e)
{
    sqlite3_stmt *q = sql_use(s, literal, e);
    size_t count = 0;
    int code;

    if (!q)
        return -1;
    if (one)
        sql_bind_text(q, 1, one);
    if (two)
        sql_bind_text(q, 2, two);
    while ((code = sql_step(s, q, e, "reading runs")) == SQL_ROW && ++count <= listed)
        buf_addf(out, "%s%.80s", count > 1 ? ", " : "", sql_text(q, 0));
    sqlite3_reset(q);
    if (count > listed)
        buf_add(out, ", ...");
    if (!count)
        buf_add(out, "none");
    return code == SQL_ERROR ? -1 : 0;
}

/* Runs one of the look-ups below: 1 found, 0 not, -1 error. */
static int find(struct store *s, const char *literal, const char *one, const char *two, const char *three, int64_t *run,
                struct err *e)
{
    sqlite3_stmt *q = sql_use(s, literal, e);
    int code;

    if (!q)
        return -1;
    sql_bind_text(q, 1, one);
    if (sqlite3_bind_parameter_count(q) > 1)
        sql_bind_text(q, 2, two);
    if (sqlite3_bind_parameter_count(q) > 2)
        sql_bind_text(q, 3, three);
    code = sql_step(s, q, e, "reading runs");
    if (code == SQL_ROW)
        *run = sqlite3_column_int64(q, 0);
    sqlite3_reset(q);
    return code;
}

static int by_number(struct store *s, const char *digits, int64_t *run, struct err *e)
{
    struct buf names = {0};
    size_t length = strlen(digits);
    int result = 0;

    if (length && length <= 18 && strspn(digits, "0123456789") == length)
        result = find(s, "SELECT id FROM run WHERE id = CAST(?1 AS INTEGER)", digits, NULL, NULL, run, e);
    if (result == 0 &&
        !list_of(s, "SELECT 'run:' || id FROM run ORDER BY started DESC, id DESC", NULL, NULL, &names, e))
        err_set(e, CM_USAGE, "%s has no run:%.40s; there are: %s", s->path, digits, buf_text(&names));
    buf_free(&names);
    return result == 1 ? 0 : -1;
}

/* Where one looked, for sentences: " on machine M and branch B". */
static void add_home(struct buf *b, const char *machine, const char *branch)
{
    if (*machine)
        buf_addf(b, " on machine %s", machine);
    if (*branch)
        buf_addf(b, "%s branch %s", *machine ? " and" : " on", branch);
}

static int no_run(struct store *s, const char *what, const char *machine, const char *branch, struct err *e)
{
    struct buf home = {0}, names = {0};

    add_home(&home, machine, branch);
    if (!list_of(s, "SELECT 'run:' || id || ' (' || status || ')' FROM run ORDER BY started DESC, id DESC", NULL, NULL,
                 &names, e))
        err_set(e, CM_NOTHING, "%s has no %s%s yet; there are: %s", s->path, what, buf_text(&home), buf_text(&names));
    buf_free(&home);
    buf_free(&names);
    return -1;
}

static int last(struct store *s, const char *machine, const char *branch, int64_t *run, struct err *e)
{
    int result = find(s,
                      "SELECT r.id FROM run r JOIN machine m ON m.id = r.machine JOIN build b ON b.id = r.build "
                      "WHERE r.status = 'complete' AND ?1 IN ('', m.name) AND ?2 IN ('', b.branch) "
                      "ORDER BY r.started DESC, r.id DESC LIMIT 1",
                      machine, branch, NULL, run, e);

    return result == 0 ? no_run(s, "complete run", machine, branch, e) : result < 0 ? -1 : 0;
}

static int of_machine(struct store *s, const char *name, int64_t *run, struct err *e)
{
    struct buf names = {0};
    int result =
        find(s,
             "SELECT r.id FROM run r JOIN machine m ON m.id = r.machine WHERE r.status = 'complete' AND m.name = ?1 "
             "ORDER BY r.started DESC, r.id DESC LIMIT 1",
             name, NULL, NULL, run, e);

    if (result == 0 && !list_of(s,
                                "SELECT DISTINCT m.name FROM run r JOIN machine m ON m.id = r.machine "
                                "WHERE r.status = 'complete' ORDER BY m.name",
                                NULL, NULL, &names, e))
        err_set(e, CM_USAGE, "%s has no complete run of a machine %.80s; machines: %s", s->path, name,
                buf_text(&names));
    buf_free(&names);
    return result == 1 ? 0 : -1;
}

/* A commit that nobody measured: what became of it when somebody tried, and what there is instead. */
static int no_commit(struct store *s, const char *word, const char *pattern, struct err *e)
{
    struct buf names = {0};
    char *outcome = NULL;

    if (!store_text(s,
                    "SELECT CASE status WHEN 'unbuildable' THEN ': it does not build' ELSE ': it cannot run' END ||"
                    " CASE reason WHEN '' THEN '' ELSE ': ' || substr(reason, 1, 300) END FROM commit_outcome"
                    " WHERE commit_id GLOB ?1 AND status <> 'measured' ORDER BY tried DESC LIMIT 1",
                    &pattern, 1, &outcome, e) &&
        !list_of(s,
                 "SELECT DISTINCT substr(b.commit_id, 1, 12) FROM run r JOIN build b ON b.id = r.build "
                 "WHERE b.commit_id <> '' ORDER BY b.commit_time DESC",
                 NULL, NULL, &names, e))
        err_set(e, CM_USAGE, "%s has no run of commit %.64s%s; commits: %s", s->path, word, outcome ? outcome : "",
                buf_text(&names));
    buf_free(&names);
    free(outcome);
    return -1;
}

/* The one commit that the abbreviation stands for, among the stored ones. */
static int full_commit(struct store *s, const char *word, char **commit, struct err *e)
{
    struct buf names = {0};
    char *pattern = mem_format("%s*", word), *c;
    int64_t count = 0;
    sqlite3_stmt *q =
        sql_use(s, "SELECT count(DISTINCT commit_id), min(commit_id) FROM build WHERE commit_id GLOB ?1", e);
    int result = -1;

    *commit = NULL;
    for (c = pattern; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    if (q) {
        sql_bind_text(q, 1, pattern);
        result = sql_step(s, q, e, "reading builds") == SQL_ROW ? 0 : -1;
        count = result ? 0 : sqlite3_column_int64(q, 0);
        *commit = count == 1 ? mem_copy(sql_text(q, 1)) : NULL;
        sqlite3_reset(q);
    }
    if (!result && count > 1 &&
        !list_of(s, "SELECT DISTINCT substr(commit_id, 1, 12) FROM build WHERE commit_id GLOB ?1 ORDER BY commit_id",
                 pattern, NULL, &names, e))
        result = err_set(e, CM_USAGE, "commit:%s stands for %" PRId64 " commits in %s: %s; write more of it", word,
                         count, s->path, buf_text(&names));
    if (!result && count == 0)
        result = no_commit(s, word, pattern, e);
    free(pattern);
    buf_free(&names);
    return result;
}

static int of_commit(struct store *s, const char *word, const char *machine, const char *branch, int64_t *run,
                     struct err *e)
{
    struct buf home = {0};
    char *commit;
    int result;

    if (strlen(word) < shortest_commit || word[strspn(word, "0123456789abcdefABCDEF")])
        return err_set(e, CM_USAGE, "commit:%.64s: write at least %d hexadecimal digits of the commit", word,
                       shortest_commit);
    if (full_commit(s, word, &commit, e))
        return -1;
    result = find(s,
                  "SELECT r.id FROM run r JOIN machine m ON m.id = r.machine JOIN build b ON b.id = r.build "
                  "WHERE r.status = 'complete' AND NOT b.dirty AND b.commit_id = ?1 AND ?2 IN ('', m.name) "
                  "AND ?3 IN ('', b.branch) ORDER BY r.started DESC, r.id DESC LIMIT 1",
                  commit, machine, branch, run, e);
    if (result == 0) {
        add_home(&home, machine, branch);
        err_set(e, CM_USAGE, "%s has no complete run of commit %.12s%s that was built from a clean tree", s->path,
                commit, buf_text(&home));
        buf_free(&home);
    }
    free(commit);
    return result == 1 ? 0 : -1;
}

/* Acceptances of one home, newest first; ?3 is the oldest date that still holds. */
static sqlite3_stmt *acceptances(struct store *s, const char *machine, const char *branch, int64_t newest_run,
                                 struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "SELECT a.run, a.points, a.metrics FROM ledger a JOIN run r ON r.id = a.run "
                              "JOIN machine m ON m.id = r.machine JOIN build b ON b.id = r.build "
                              "WHERE a.kind = 'accept' AND (a.until IS NULL OR a.until >= date('now')) "
                              "AND ?1 IN ('', m.name) AND ?2 IN ('', b.branch) AND (?3 = 0 OR (r.started, r.id) <= "
                              "(SELECT started, id FROM run WHERE id = ?3) OR (b.commit_id <> '' AND b.commit_time < "
                              "(SELECT commit_time FROM run JOIN build ON build.id = run.build WHERE run.id = ?3 "
                              "AND commit_id <> ''))) ORDER BY a.created DESC, a.id DESC",
                              e);

    if (!q)
        return NULL;
    sql_bind_text(q, 1, machine);
    sql_bind_text(q, 2, branch);
    sqlite3_bind_int64(q, 3, newest_run);
    return q;
}

static bool everything(const char *glob)
{
    return !*glob || !strcmp(glob, "*");
}

static int accepted(struct store *s, const char *machine, const char *branch, int64_t *run, struct err *e)
{
    sqlite3_stmt *q = acceptances(s, machine, branch, 0, e);
    struct buf home = {0};
    int code = SQL_ERROR;

    while (q && (code = sql_step(s, q, e, "reading the ledger")) == SQL_ROW)
        if (everything(sql_text(q, 1)) && everything(sql_text(q, 2)))
            break;
    if (code == SQL_ROW) {
        *run = sqlite3_column_int64(q, 0);
        sqlite3_reset(q);
        return 0;
    }
    if (code == SQL_DONE) {
        add_home(&home, machine, branch);
        err_set(e, CM_NOTHING, "%s: no run is accepted%s yet; accept one: countermark accept run:N --reason TEXT",
                s->path, buf_text(&home));
        buf_free(&home);
    }
    return -1;
}

int ref_resolve(struct store *s, const char *ref, const char *machine, const char *branch, int64_t *run, struct err *e)
{
    machine = machine ? machine : "";
    branch = branch ? branch : "";
    *run = 0;
    if (text_starts(ref, "run:"))
        return by_number(s, ref + 4, run, e);
    if (*ref && strspn(ref, "0123456789") == strlen(ref))
        return by_number(s, ref, run, e);
    if (text_starts(ref, "commit:"))
        return of_commit(s, ref + 7, machine, branch, run, e);
    if (text_starts(ref, "machine:"))
        return of_machine(s, ref + 8, run, e);
    if (!strcmp(ref, "last"))
        return last(s, machine, branch, run, e);
    if (!strcmp(ref, "accepted"))
        return accepted(s, machine, branch, run, e);
    return err_set(e, CM_USAGE, "'%.100s' names no run; understood are: %s", ref, known);
}

int ref_acceptances_load(struct store *s, const char *machine, const char *branch, int64_t newest_run,
                         struct ref_acceptances *a, struct err *e)
{
    sqlite3_stmt *q = acceptances(s, machine ? machine : "", branch ? branch : "", newest_run, e);
    int code = SQL_ERROR;

    *a = (struct ref_acceptances){0};
    while (q && (code = sql_step(s, q, e, "reading the ledger")) == SQL_ROW) {
        VEC_ROOM(a->items, a->count, a->capacity);
        a->items[a->count++] =
            (struct ref_acceptance){mem_copy(sql_text(q, 1)), mem_copy(sql_text(q, 2)), sqlite3_column_int64(q, 0)};
    }
    if (code == SQL_ERROR)
        ref_acceptances_free(a);
    return code;
}

int64_t ref_acceptances_find(const struct ref_acceptances *a, const char *point, const char *metric)
{
    for (size_t i = 0; i < a->count; i++) {
        const struct ref_acceptance *x = &a->items[i];

        if (text_glob(x->points, point) && (everything(x->metrics) || (metric && metric_matches(x->metrics, metric))))
            return x->run;
    }
    return 0;
}

void ref_acceptances_free(struct ref_acceptances *a)
{
    for (size_t i = 0; i < a->count; i++) {
        free(a->items[i].points);
        free(a->items[i].metrics);
    }
    free(a->items);
    *a = (struct ref_acceptances){0};
}

/* What else happened in a history, drawn in its pictures: other surroundings, commits without a run, decisions of people. */
#include "report_history.h"

#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SHOWN = 4 };

/* One fact that is another. */
static int add_fact(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct buf *b = user;

    (void)count;
    (void)e;
    if (cells[3].number > SHOWN)
        buf_add(b, " and more");
    else
        buf_addf(b, "%s%s %s -> %s", b->length ? ", " : "", cells[0].text ? cells[0].text : "",
                 cells[1].text ? cells[1].text : "(none)", cells[2].text ? cells[2].text : "(none)");
    return 0;
}

/* What differs between two rows of `table` (a name of ours). */
static int facts_changed(struct store *s, const char *table, int64_t before, int64_t now, struct buf *b, struct err *e)
{
    char old[24], new[24];
    const char *parameters[] = {old, new};
    char *sql = mem_format(
        "WITH o AS (SELECT key, value FROM json_each((SELECT facts FROM %s WHERE id = ?1))),"
        " n AS (SELECT key, value FROM json_each((SELECT facts FROM %s WHERE id = ?2))),"
        " d AS (SELECT o.key, o.value AS old, n.value AS new FROM o LEFT JOIN n USING (key)"
        "  UNION SELECT n.key, o.value, n.value FROM n LEFT JOIN o USING (key))"
        " SELECT key, old, new, row_number() OVER (ORDER BY key) FROM d WHERE old IS NOT new ORDER BY key LIMIT %d",
        table, table, SHOWN + 1);
    int result;

    snprintf(old, sizeof old, "%" PRId64, before);
    snprintf(new, sizeof new, "%" PRId64, now);
    result = store_query(s, sql, parameters, 2, add_fact, b, e);
    free(sql);
    return result;
}

static void add_mark(struct history *h, size_t run, bool around, const char *words)
{
    VEC_ROOM(h->marks, h->mark_count, h->mark_capacity);
    h->marks[h->mark_count++] = (struct history_mark){run, around, mem_copy(words)};
}

static int add_around(struct history *h, size_t before, size_t run, struct err *e)
{
    const struct series_run *o = &h->findings.home.runs[before], *n = &h->findings.home.runs[run];
    struct buf b = {0};
    int result = 0;

    if (o->machine != n->machine)
        result = facts_changed(h->site->store, "machine", o->machine, n->machine, &b, e);
    if (!result && o->environment != n->environment)
        result = facts_changed(h->site->store, "environment", o->environment, n->environment, &b, e);
    if (!result && b.length)
        add_mark(h, run, true, b.text);
    buf_free(&b);
    return result;
}

int history_marks(struct history *h, struct err *e)
{
    const struct series_home *home = &h->findings.home;
    size_t before = home->count;
    int result = 0;

    for (size_t i = 0; i < home->count && !result; i++) {
        const struct series_run *r = &home->runs[i];

        if (!r->id) {
            add_mark(h, i, false, r->outcome ? r->outcome : "was not measured");
            continue;
        }
        if (before < home->count &&
            (r->machine != home->runs[before].machine || r->environment != home->runs[before].environment))
            result = add_around(h, before, i, e);
        before = i;
    }
    return result;
}

bool history_ledger_place(const struct history *h, const struct ledger_entry *entry, double *place)
{
    const struct series_home *home = &h->findings.home;

    for (size_t i = 0; i < home->count; i++) {
        const struct series_run *r = &home->runs[i];

        if ((entry->commit && *entry->commit && text_starts(r->commit, entry->commit)) ||
            (entry->run && r->id == entry->run)) {
            *place = (double)i;
            return true;
        }
    }
    /* a commit or run of another branch or machine: not of this history */
    if ((entry->commit && *entry->commit) || entry->run)
        return false;
    for (size_t i = home->count; i-- > 0;)
        if (home->runs[i].id && home->runs[i].started <= entry->created) {
            *place = (double)i + 0.5;
            return true;
        }
    return false;
}

/* The verdicts of the newest check of a machine: a sentence that tells the story, and findings with their points. */
#include "../harness/base/mem.h"
#include "report_site.h"

#include <stdlib.h>
#include <string.h>

struct findings {
    struct site *site;
    struct buf *b;
    const char *run;
};

static int add_counts(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct buf *b = user;

    (void)count;
    (void)e;
    buf_add(b, b->length ? ", " : "");
    page_textf(b, "%.0f ", cells[0].number);
    page_value(b, &cells[1], COLUMN_VERDICT);
    return 0;
}

static int add_finding(const struct cell *cells, size_t count, void *user, struct err *e)
{
    static const struct column columns[] = {
        {"point", COLUMN_CODE},         {"metric", COLUMN_CODE},    {"verdict", COLUMN_VERDICT},
        {"now / before", COLUMN_RATIO}, {"at least", COLUMN_RATIO}, {"at most", COLUMN_RATIO},
        {"why", COLUMN_TEXT},
    };
    struct findings *f = user;
    const char *parameters[] = {f->run, cells[0].text};
    char *caption;
    int result;

    (void)count;
    if (cells[0].number > 0)
        caption = mem_format("Finding %s: %s, %s%s", cells[0].text, cells[1].text ? cells[1].text : "",
                             cells[2].text ? cells[2].text : "", cells[3].text ? cells[3].text : "");
    else
        caption = mem_copy("Not part of a finding");
    result = page_table(f->b, f->site->store,
                        "SELECT point, metric, verdict, ratio, ratio_low, ratio_high, reason FROM verdict"
                        " WHERE run = ?1 AND finding = ?2 AND (finding > 0 OR verdict NOT IN ('same', 'new'))"
                        " ORDER BY verdict, abs(coalesce(ratio, 1) - 1) DESC, point LIMIT 200",
                        parameters, 2, caption, columns, sizeof columns / sizeof *columns, NULL, e);
    free(caption);
    return result;
}

/* The newest run of the machine that was checked, "" if none was; free(). */
static char *checked_run(struct site *site, const struct site_machine *m, struct err *e)
{
    const char *parameters[] = {m->name, m->run};
    char *run = NULL;

    if (store_text(
            site->store,
            "SELECT r.id FROM run r JOIN machine m ON m.id = r.machine WHERE m.name = ?1"
            " AND r.started <= (SELECT started FROM run WHERE id = CAST(?2 AS INTEGER))"
            " AND EXISTS (SELECT 1 FROM verdict v WHERE v.run = r.id) ORDER BY r.started DESC, r.id DESC LIMIT 1",
            parameters, 2, &run, e))
        return NULL;
    return run ? run : mem_copy("");
}

static int story(struct site *site, struct buf *b, const char *run, const struct site_machine *m, struct err *e)
{
    struct buf counts = {0};
    int result = store_query(site->store,
                             "SELECT count(*), verdict FROM verdict WHERE run = ?1 GROUP BY verdict ORDER BY"
                             " instr('wrong slower ambiguous incomparable faster new same', verdict)",
                             &run, 1, add_counts, &counts, e);

    buf_addf(b, "<p class=\"lead\">Verdicts of run %s: %s.</p>\n", run, buf_text(&counts));
    if (strcmp(run, m->run))
        buf_addf(b, "<p>The newest run, %s, has not been checked yet.</p>\n", m->run);
    buf_free(&counts);
    return result;
}

int site_verdicts(struct site *site, struct buf *b, const struct site_machine *m, struct err *e)
{
    char *run = checked_run(site, m, e);
    struct findings f = {.site = site, .b = b, .run = run};
    int result = -1;

    if (run && !*run) {
        buf_add(b, "<p class=\"lead\">No run has been checked yet: <code>countermark check</code> compares with what "
                   "was accepted.</p>\n");
        result = 0;
    } else if (run) {
        result = story(site, b, run, m, e);
        if (!result)
            result = store_query(site->store,
                                 "SELECT finding, group_concat(DISTINCT verdict), group_concat(DISTINCT metric),"
                                 " printf(': %d %s', count(*), CASE WHEN count(*) = 1 THEN 'point' ELSE 'points' END)"
                                 " FROM verdict WHERE run = ?1 GROUP BY finding ORDER BY finding = 0, finding",
                                 &f.run, 1, add_finding, &f, e);
    }
    free(run);
    return result;
}

/* How right a machine counts, as `doctor --calibrate` found it: on the machines' page. Nothing where nobody looked. */
#include "report_site.h"

#include <stdlib.h>

/* The rows of the run's machine as it was then. */
#define HERE                                                                                                           \
    " FROM run r JOIN machine m ON m.id = r.machine JOIN environment v ON v.id = r.environment"                        \
    " JOIN calibration c ON c.machine = m.name AND c.scripted = r.scripted"                                            \
    " AND c.fingerprint = cm_fingerprint(m.facts, v.facts) WHERE r.id = ?1"

static int counted(struct site *site, struct buf *b, const char *run, struct err *e)
{
    static const struct column columns[] = {
        {"event", COLUMN_CODE},
        {"verdict", COLUMN_VERDICT},
        {"error", COLUMN_TEXT},
        {"expected", COLUMN_INTEGER},
        {"counted", COLUMN_INTEGER},
        {"spread", COLUMN_TEXT},
        {"should count, on", COLUMN_STACKED},
        {"empty", COLUMN_INTEGER},
        {"repeats", COLUMN_TEXT},
        {"note", COLUMN_TEXT},
    };
    static const char sql[] =
        "SELECT c.metric, c.verdict, CASE WHEN c.error IS NULL THEN NULL WHEN c.expected = 0 THEN printf('%.2g each', "
        "c.error)"
        "  WHEN abs(c.error) < 0.001 THEN printf('%+.4f %%', 100 * c.error)"
        "  ELSE printf('%+.2f %%', 100 * c.error) END,"
        " c.expected, c.measured, printf(CASE WHEN c.spread < 0.0995 THEN '%.2g %%' ELSE '%.0f %%' END, 100 * "
        "c.spread),"
        " CASE c.event WHEN '' THEN 'not known' ELSE c.event END || char(10) || c.point,"
        " c.overhead, CASE WHEN c.deterministic THEN 'yes' ELSE 'no' END, c.note" HERE
        " AND c.measured IS NOT NULL ORDER BY c.verdict <> 'wrong', c.metric, c.point";

    return page_table(b, site->store, sql, &run, 1, NULL, columns, sizeof columns / sizeof *columns, NULL, e);
}

static int uncounted(struct site *site, struct buf *b, const char *run, struct err *e)
{
    static const struct column columns[] = {
        {"not held against anything", COLUMN_CODE}, {"verdict", COLUMN_VERDICT}, {"why", COLUMN_TEXT}};
    static const char sql[] = "SELECT group_concat(metric, ' '), verdict, note FROM (SELECT DISTINCT c.metric,"
                              " c.verdict, c.note" HERE
                              " AND c.measured IS NULL ORDER BY c.metric) GROUP BY verdict, note ORDER BY min(metric)";

    return page_table(b, site->store, sql, &run, 1, NULL, columns, sizeof columns / sizeof *columns, NULL, e);
}

/* What must not be overlooked stands in front of the table. */
static int headline(struct site *site, struct buf *b, const char *run, struct err *e)
{
    char *wrong = NULL;
    int failed = store_text(site->store,
                            "SELECT group_concat(metric, ', ') FROM (SELECT DISTINCT c.metric" HERE
                            " AND c.verdict = 'wrong' ORDER BY c.metric)",
                            &run, 1, &wrong, e);

    if (!failed && wrong && *wrong) {
        buf_add(b, "<p><span class=\"verdict wrong\">wrong</span>: ");
        page_text(b, wrong);
        buf_add(b, ". No verdict rests on what this machine counts wrong.</p>\n");
    }
    free(wrong);
    return failed;
}

int site_truth(struct site *site, struct buf *b, const char *run, struct err *e)
{
    struct buf part = {0};
    int failed = headline(site, &part, run, e) || counted(site, &part, run, e) || uncounted(site, &part, run, e);

    if (!failed && part.length)
        buf_addf(b,
                 "<h3>Counters held against the truth</h3>\n<p>Kernels whose counts are known by construction, as this "
                 "machine counts them; per execution. Empty: what a region with nothing in it reads before anything is "
                 "taken away.</p>\n%s",
                 part.text);
    buf_free(&part);
    return failed ? -1 : 0;
}

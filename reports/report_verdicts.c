/* The verdicts of the newest check of a machine: a sentence that tells the story, and findings with their points. */
#include "../harness/base/mem.h"
#include "report_site.h"

#include <stdlib.h>
#include <string.h>

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

/* A ratio as a change, +3 %; from tenfold on as the factor that it is, x178. */
#define CHANGE(ratio)                                                                                                  \
    "CASE WHEN " ratio " < 10 THEN printf('%+.3g %%', 100 * (" ratio " - 1)) ELSE printf('x%.3g', " ratio ") END"
#define CHANGE_MIDDLE CHANGE("ratio")
#define CHANGE_LOW CHANGE("ratio_low")
#define CHANGE_HIGH CHANGE("ratio_high")

/* Everything but what stayed the same, a finding's points together, the worst first. */
static int findings(struct site *site, struct buf *b, const char *run, size_t *rows, struct err *e)
{
    static const struct column columns[] = {
        {"finding", COLUMN_TEXT}, {"verdict", COLUMN_VERDICT}, {"point", COLUMN_CODE},
        {"metric", COLUMN_CODE},  {"change", COLUMN_STACKED},  {"why", COLUMN_TEXT},
    };
    static const char sql[] =
        "SELECT CASE WHEN finding = 0 THEN ''"
        "   WHEN row_number() OVER (PARTITION BY finding ORDER BY place, point, metric) = 1 THEN 'F' || finding"
        "   ELSE '' END, verdict, point,"
        " CASE WHEN metric = 'wall.time' THEN 'time'"
        "   WHEN metric IN ('papi.PAPI_TOT_INS', 'callgrind.instructions') THEN 'instructions' ELSE metric END,"
        " CASE WHEN ratio IS NULL OR verdict = 'incomparable' THEN NULL ELSE " CHANGE_MIDDLE
        " || CASE WHEN ratio_low IS NULL OR ratio_high IS NULL THEN '' ELSE char(10) || " CHANGE_LOW
        " || ' to ' || " CHANGE_HIGH " END END, reason"
        " FROM (SELECT *, instr('wrong slower ambiguous incomparable faster', verdict) AS place FROM verdict"
        "   WHERE run = ?1 AND verdict NOT IN ('same', 'new'))"
        " ORDER BY min(place) OVER (PARTITION BY finding), finding = 0, finding, place, point, metric LIMIT 200";

    return page_table(b, site->store, sql, &run, 1, NULL, columns, sizeof columns / sizeof *columns, rows, e);
}

/* A long list that nobody has to act on is folded away. */
static int folded_findings(struct site *site, struct buf *b, const char *run, struct err *e)
{
    struct buf table = {0};
    size_t rows = 0;
    double red = 0;
    bool found;
    int result = findings(site, &table, run, &rows, e);

    if (!result)
        result =
            store_number(site->store, "SELECT count(*) FROM verdict WHERE run = ?1 AND verdict IN ('slower', 'wrong')",
                         &run, 1, &red, &found, e);
    buf_add(b, "<div class=\"cards\">\n"); /* in a narrow window what changed would be out of sight */
    if (rows > 8)
        buf_addf(b, "<details%s>\n<summary>%zu verdicts to look at</summary>\n%s</details>\n",
                 red > 0 ? " open=\"open\"" : "", rows, buf_text(&table));
    else
        buf_add(b, buf_text(&table));
    buf_add(b, "</div>\n");
    buf_free(&table);
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

/* Points are counted, each by the worst of its verdicts: the same numbers as those of `check`. */
static int story(struct site *site, struct buf *b, const char *run, const struct site_machine *m, struct err *e)
{
    struct buf counts = {0};
    int result = store_query(site->store,
                             "SELECT count(*), verdict FROM (SELECT verdict, min(instr('wrong slower ambiguous "
                             "incomparable faster new same', verdict)) AS place FROM verdict WHERE run = ?1"
                             " GROUP BY point) GROUP BY verdict ORDER BY place",
                             &run, 1, add_counts, &counts, e);

    buf_addf(b, "<p class=\"lead\">Points of run %s: %s.</p>\n", run, buf_text(&counts));
    if (strcmp(run, m->run))
        buf_addf(b, "<p>The newest run, %s, has not been checked yet.</p>\n", m->run);
    buf_free(&counts);
    return result;
}

int site_verdicts(struct site *site, struct buf *b, const struct site_machine *m, struct err *e)
{
    char *run = checked_run(site, m, e);
    int result = -1;

    if (run && !*run) {
        buf_add(b, "<p class=\"lead\">No run has been checked yet: <code>countermark check</code> compares with what "
                   "was accepted.</p>\n");
        result = 0;
    } else if (run) {
        result = story(site, b, run, m, e);
        if (!result)
            result = folded_findings(site, b, run, e);
    }
    free(run);
    return result;
}

/*
 * What is known about a machine's instruments and noise, and doubts about samples that came after they were stored. A row's home is
 * its machine, fingerprint and whether it was scripted; names travel as text, for the points may be in no run here.
 */
#include "store_internal.h"

#include "../harness/base/clock.h"
#include "../harness/base/mem.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool verdict_ok(const char *word)
{
    return !strcmp(word, "right") || !strcmp(word, "wrong") || !strcmp(word, "unknown") || !strcmp(word, "unavailable");
}

static int check_home(const struct trust_home *home, struct err *e)
{
    return name_check("machine's name", home->machine, false, e) ||
                   name_check("machine's fingerprint", home->fingerprint, false, e)
               ? -1
               : 0;
}

/* ?1 to ?3 of every statement on these two tables. */
static void bind_home(sqlite3_stmt *q, const struct trust_home *home)
{
    sql_bind_text(q, 1, home->machine);
    sql_bind_text(q, 2, home->fingerprint);
    sqlite3_bind_int(q, 3, home->scripted);
}

int calibration_add(struct store *s, const struct trust_home *home, const struct calibration_row *r, int64_t created,
                    struct err *e)
{
    const double numbers[] = {r->expected, r->measured, r->error, r->spread, r->overhead, r->tolerance};
    sqlite3_stmt *q = sql_use(s,
                              "INSERT INTO calibration (machine, fingerprint, scripted, metric, point, event, "
                              "expected, measured, error, spread, overhead, tolerance, deterministic, verdict, note, "
                              "created) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
                              e);
    size_t i;

    if (!q || name_check("metric's name", r->metric, false, e) || name_check("point", r->point, true, e) ||
        name_check("event", r->event, true, e))
        return -1;
    if (!r->verdict || !verdict_ok(r->verdict))
        return err_set(e, CM_INTERNAL, "the calibration of %.100s has the verdict '%.40s', which is none", r->metric,
                       r->verdict ? r->verdict : "");
    bind_home(q, home);
    sql_bind_text(q, 4, r->metric);
    sql_bind_text(q, 5, r->point);
    sql_bind_text(q, 6, r->event);
    for (i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sql_bind_number(q, 7 + (int)i, numbers[i]);
    sqlite3_bind_int(q, 13, r->deterministic);
    sql_bind_text(q, 14, r->verdict);
    sql_bind_text(q, 15, r->note);
    sqlite3_bind_int64(q, 16, created);
    return sql_do(s, q, e, "storing a calibration");
}

int calibration_forget(struct store *s, const struct trust_home *home, struct err *e)
{
    sqlite3_stmt *q =
        sql_use(s, "DELETE FROM calibration WHERE machine = ?1 AND fingerprint = ?2 AND scripted = ?3", e);

    if (!q || check_home(home, e))
        return -1;
    bind_home(q, home);
    return sql_do(s, q, e, "storing a calibration");
}

static int replace_calibration(struct store *s, const struct trust_home *home, const struct calibration_row *rows,
                               size_t count, struct err *e)
{
    int64_t now = clock_wall_seconds();
    size_t i;

    if (calibration_forget(s, home, e))
        return -1;
    for (i = 0; i < count; i++)
        if (calibration_add(s, home, &rows[i], now, e))
            return -1;
    return 0;
}

int store_calibration(struct store *s, const struct trust_home *home, const struct calibration_row *rows, size_t count,
                      struct err *e)
{
    bool mine;

    if (store_writable(s, e) || txn_begin(s, &mine, e))
        return -1;
    return txn_end(s, mine, replace_calibration(s, home, rows, count, e), e);
}

/*
 * Noise and layout come from different commands, so each half of a row has its own age: the newer one's half wins where it has
 * one, else the other's stays. ?17: what comes is newer than all that is here.
 */
#define NEWER "(?17 OR excluded.created >= noise.created)"
#define LACKS(row) "coalesce(" row ".noise, " row ".autocorrelation, " row ".false_alarms, " row ".detectable) IS NULL"
#define TAKES_NOISE "CASE WHEN " NEWER " THEN NOT " LACKS("excluded") " ELSE " LACKS("noise") " END"
#define TAKES_LAYOUT "CASE WHEN " NEWER " THEN excluded.layout IS NOT NULL ELSE noise.layout IS NULL END"
#define NOISE_COLUMN(name) name " = CASE WHEN " TAKES_NOISE " THEN excluded." name " ELSE noise." name " END, "
#define LAYOUT_COLUMN(name) name " = CASE WHEN " TAKES_LAYOUT " THEN excluded." name " ELSE noise." name " END, "

int noise_add(struct store *s, const struct trust_home *home, const struct noise_row *r, int64_t created, bool newest,
              struct err *e)
{
    sqlite3_stmt *q = sql_use(
        s,
        "INSERT INTO noise (machine, fingerprint, scripted, point, metric, runs, launches, comparisons, layouts, "
        "noise, autocorrelation, false_alarms, drift, detectable, layout, created) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16) "
        "ON CONFLICT (machine, fingerprint, scripted, point, metric) DO UPDATE SET " NOISE_COLUMN("runs")
            NOISE_COLUMN("launches") NOISE_COLUMN("comparisons") NOISE_COLUMN("noise") NOISE_COLUMN("autocorrelation")
                NOISE_COLUMN("false_alarms") NOISE_COLUMN("drift") NOISE_COLUMN("detectable") LAYOUT_COLUMN("layout")
                    LAYOUT_COLUMN("layouts") "created = CASE WHEN ?17 THEN excluded.created ELSE max(noise.created, "
                                             "excluded.created) END",
        e);
    const int64_t counts[] = {r->runs, r->launches, r->comparisons, r->layouts};
    const double numbers[] = {r->noise, r->autocorrelation, r->false_alarms, r->drift, r->detectable, r->layout};
    size_t i;

    if (!q || check_home(home, e) || name_check("point", r->point, false, e) ||
        name_check("metric's name", r->metric, false, e))
        return -1;
    bind_home(q, home);
    sql_bind_text(q, 4, r->point);
    sql_bind_text(q, 5, r->metric);
    for (i = 0; i < sizeof counts / sizeof *counts; i++)
        sqlite3_bind_int64(q, 6 + (int)i, counts[i]);
    for (i = 0; i < sizeof numbers / sizeof *numbers; i++)
        sql_bind_number(q, 10 + (int)i, numbers[i]);
    sqlite3_bind_int64(q, 16, created);
    sqlite3_bind_int(q, 17, newest);
    return sql_do(s, q, e, "storing noise");
}

static int add_noise(struct store *s, const struct trust_home *home, const struct noise_row *rows, size_t count,
                     struct err *e)
{
    int64_t now = clock_wall_seconds();
    size_t i;

    for (i = 0; i < count; i++)
        if (noise_add(s, home, &rows[i], now, true, e))
            return -1;
    return 0;
}

int store_noise(struct store *s, const struct trust_home *home, const struct noise_row *rows, size_t count,
                struct err *e)
{
    bool mine;

    if (store_writable(s, e) || txn_begin(s, &mine, e))
        return -1;
    return txn_end(s, mine, add_noise(s, home, rows, count, e), e);
}

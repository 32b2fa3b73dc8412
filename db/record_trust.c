/* Calibrations and noise of machines, taken from records: what is newer wins. */
#include "record.h"

#include "../harness/base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const int64_t latest = INT64_C(1) << 40; /* seconds since 1970 */
static const int64_t many = INT64_C(1) << 53;

static int read_home(const json_t *r, struct trust_home *home, int64_t *created, struct err *e)
{
    return field_name(r, "machine", &home->machine, e) || field_name(r, "fingerprint", &home->fingerprint, e) ||
                   field_flag(r, "scripted", &home->scripted, e) || field_integer(r, "created", 0, latest, created, e)
               ? -1
               : 0;
}

static int age_here(struct store *s, const struct trust_home *home, int64_t *created, struct err *e)
{
    sqlite3_stmt *q = sql_use(s,
                              "SELECT coalesce(max(created), -1) FROM calibration WHERE machine = ?1 AND "
                              "fingerprint = ?2 AND scripted = ?3",
                              e);

    if (!q)
        return -1;
    sql_bind_text(q, 1, home->machine);
    sql_bind_text(q, 2, home->fingerprint);
    sqlite3_bind_int(q, 3, home->scripted);
    if (sql_step(s, q, e, "reading calibrations") != SQL_ROW)
        return -1;
    *created = sqlite3_column_int64(q, 0);
    sqlite3_reset(q);
    return 0;
}

/*
 * The rows of one home belong together: with its first row it is settled whether all that come replace all that are here. A later
 * row of the same home follows that.
 */
static int is_wanted(struct taker *t, const struct trust_home *home, int64_t created, bool *wanted, struct err *e)
{
    struct store *s = taker_store(t);
    char *key = mem_format("calibration %d %s\n%s", home->scripted, home->machine, home->fingerprint);
    int64_t known, here;
    int result = 0;

    if (taker_note(t, key, &known)) {
        result = age_here(s, home, &here, e);
        known = !result && created > here;
        if (known)
            result = calibration_forget(s, home, e);
        taker_keep_note(t, key, known);
    }
    free(key);
    *wanted = known != 0;
    return result;
}

int take_calibration(struct taker *t, const json_t *r, struct err *e)
{
    static const char *const words[] = {"right", "wrong", "unknown", "unavailable"};
    struct calibration_row row = {0};
    struct trust_home home;
    int64_t created;
    size_t word;
    bool wanted;

    if (read_home(r, &home, &created, e) || field_name(r, "metric", &row.metric, e) ||
        field_label(r, "point", &row.point, e) || field_label(r, "event", &row.event, e) ||
        field_number(r, "expected", -INFINITY, &row.expected, e) ||
        field_number(r, "measured", -INFINITY, &row.measured, e) ||
        field_number(r, "error", -INFINITY, &row.error, e) || field_number(r, "spread", -INFINITY, &row.spread, e) ||
        field_number(r, "overhead", -INFINITY, &row.overhead, e) ||
        field_number(r, "tolerance", 0, &row.tolerance, e) || field_flag(r, "deterministic", &row.deterministic, e) ||
        field_word(r, "verdict", words, 4, &word, e) || field_text(r, "note", &row.note, e) ||
        is_wanted(t, &home, created, &wanted, e))
        return -1;
    row.verdict = words[word];
    return wanted ? calibration_add(taker_store(t), &home, &row, created, e) : 0;
}

int take_noise(struct taker *t, const json_t *r, struct err *e)
{
    struct noise_row row = {0};
    struct trust_home home;
    int64_t created;

    if (read_home(r, &home, &created, e) || field_name(r, "point", &row.point, e) ||
        field_name(r, "metric", &row.metric, e) || field_integer(r, "runs", 0, many, &row.runs, e) ||
        field_integer(r, "launches", 0, many, &row.launches, e) ||
        field_integer(r, "comparisons", 0, many, &row.comparisons, e) ||
        field_integer(r, "layouts", 0, many, &row.layouts, e) || field_number(r, "noise", 0, &row.noise, e) ||
        field_number(r, "autocorrelation", -INFINITY, &row.autocorrelation, e) ||
        field_number(r, "false_alarms", 0, &row.false_alarms, e) || field_number(r, "drift", 0, &row.drift, e) ||
        field_number(r, "detectable", 0, &row.detectable, e) || field_number(r, "layout", 0, &row.layout, e))
        return -1;
    return noise_add(taker_store(t), &home, &row, created, false, e);
}

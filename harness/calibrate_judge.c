/* One count against what must be: error, spread, verdict, and the sentence that goes with it. */
#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"
#include "calibrate_parts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Interrupts add to every count (a timer tick some thousand instructions on some systems), and what compares a count with itself, as a
 * gate does, takes no harm from an error that both sides have: below this share nothing is called wrong. */
#define HARMLESS 0.01

/* Where nothing must be counted, so many per element were counted instead. */
static double error_of(double expected, double measured, double elements)
{
    if (isnan(expected) || isnan(measured))
        return NAN;
    if (expected != 0)
        return measured / expected - 1;
    return measured / (elements > 0 ? elements : 1);
}

/* Of counts around nothing there is no share. */
static double spread_of(const struct tally *t)
{
    double range = stats_max(t->values, t->count) - stats_min(t->values, t->count);
    double median = fabs(stats_median(t->values, t->count));

    return range > 0 ? median > 0 ? range / median : NAN : 0;
}

/* "counted as X: what that is; the point's own remark". free() */
static char *note_of(const char *as, const char *note, const char *more)
{
    const char *parts[] = {note ? note : "", more ? more : ""};
    struct buf b = {0};

    if (as && *as)
        buf_addf(&b, "counted as %s", as);
    for (size_t i = 0; i < 2; i++)
        if (*parts[i])
            buf_addf(&b, "%s%s", !b.length ? "" : i ? "; " : ": ", parts[i]);
    return b.length ? buf_take(&b) : mem_copy("");
}

/* The verdict on values that are there. */
static const char *judge(const struct calibration_row *r, const struct tally *t)
{
    if (isnan(r->expected) || isnan(r->error))
        return "unknown";
    if (!(fabs(r->error) <= r->tolerance))
        return "wrong";
    return t->suspect ? "unknown" : "right";
}

void calibrate_judge(const struct tally *t, const struct truth_rule *rule, const char *native, struct calibration *out)
{
    struct calibration_row *r = calibration_row_new(out);
    struct expected x = {.event = "", .count = NAN};
    const char *more;

    if (t->point)
        calibrate_expected(t->point, rule, &x);
    r->metric = calibration_keep(out, mem_copy(t->metric));
    r->point = calibration_keep(out, mem_copy(t->point ? t->point->plan->text : ""));
    r->event = calibration_keep(out, mem_copy(x.event && t->point ? x.event : ""));
    r->expected = x.count;
    r->tolerance = isnan(x.count) ? NAN : x.count != 0 ? fmax(x.tolerance, HARMLESS) : x.tolerance;
    r->overhead = t->overhead;
    if (t->count) {
        r->measured = stats_median(t->values, t->count);
        r->spread = spread_of(t);
        r->deterministic = t->count > 1 && r->spread <= 0;
        r->error = error_of(r->expected, r->measured, t->point ? t->point->elements : 1);
        r->verdict = judge(r, t);
    } else {
        r->verdict = *t->reason ? "unavailable" : "unknown";
    }
    more = *t->reason ? t->reason : isnan(x.count) || !strcmp(r->verdict, "wrong") ? x.because : NULL;
    r->note = calibration_keep(out, note_of(native, strcmp(r->verdict, "unavailable") ? rule->note : "", more));
}

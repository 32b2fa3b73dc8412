/* What A/A runs taught, for people: a row per series, the blindest first, and what it means for the gate. */
#include "doctor_trust.h"

#include "base/text.h"
#include "doctor_parts.h"
#include "gate_model.h"
#include "sight.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static double number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* "2.3 %", or "-". */
static const char *share(double value, char out[40])
{
    if (isnan(value))
        return "-";
    if (value == 0)
        return "0";
    return text_percent(value, out, 40);
}

static void add_series(const json_t *s, int width, struct buf *out)
{
    char noise[40], drift[40], lag[40] = "-", alarms[60], found[40];
    double autocorrelation = number(s, "autocorrelation"), detectable = number(s, "detectable"),
           comparisons = number(s, "comparisons");

    if (isfinite(autocorrelation))
        snprintf(lag, sizeof lag, "%+.2f", autocorrelation);
    snprintf(alarms, sizeof alarms, "%.0f of %.0f", number(s, "alarms"), comparisons);
    if (comparisons > 0)
        sight_share_words(isnan(detectable) ? INFINITY : detectable, found, sizeof found);
    else
        snprintf(found, sizeof found, "-");
    buf_addf(out, "%-*s  %-12s  %9s  %9s  %6s  %12s  %s\n", width, doctor_string(s, "point"),
             metric_words(doctor_string(s, "metric")), share(number(s, "noise"), noise),
             share(number(s, "drift"), drift), lag, alarms, found);
}

static void add_alarms(const json_t *a, struct buf *out)
{
    char all[40], low[40], high[40];

    buf_addf(out,
             "false alarms: %.0f of %.0f comparisons of the program with itself (%s; 95 %% %s to %s), before "
             "anything is measured again\n",
             number(a, "alarms"), number(a, "comparisons"), share(number(a, "share"), all),
             share(number(a, "low"), low), share(number(a, "high"), high));
}

void doctor_aa_text(const json_t *document, struct buf *out)
{
    const json_t *series = json_object_get(document, "series"), *row;
    int width = doctor_width(series, "point");
    char words[48];
    size_t i;

    buf_addf(out, "machine %s: plan %s %d times against itself, %d launch%s of a point each, in %s\n\n",
             doctor_string(document, "machine"), doctor_string(document, "plan"), (int)number(document, "runs"),
             (int)number(document, "launches"), number(document, "launches") > 1 ? "es" : "",
             text_duration_words(number(document, "seconds"), words, sizeof words));
    buf_addf(out, "%-*s  %-12s  %9s  %9s  %6s  %12s  %s\n", width, "point", "metric", "noise", "drift", "lag 1",
             "false alarms", "smallest change found");
    json_array_foreach(series, i, row)
    {
        add_series(row, width, out);
    }
    buf_add(out, "\n");
    add_alarms(json_object_get(document, "false_alarms"), out);
    buf_addf(out, "stored in %s: thresholds and what `check` says of \"same\" follow it from now on\n",
             doctor_string(document, "database"));
    if (*doctor_string(document, "sight"))
        buf_addf(out, "%s\n", doctor_string(document, "sight"));
}

/*
 * Noise that the doctor measures and stores for the gate: what a machine does when nothing changed (doctor --aa), and what the place of
 * code in a program does (doctor --layout).
 *
 * Both answer with one JSON document; unknown numbers are null. The text is made of it.
 *
 *     { "aa": 1, "machine", "fingerprint", "database", "plan", "scripted", "interrupted", "seconds",
 *       "runs", "launches",                          that were made; the launches of a point in each
 *       "sight":        "this gate sees ...", or null
 *       "false_alarms": { "share", "alarms", "comparisons", "low", "high" },     of all series together, with a 95 % interval
 *       "series":       [ { "point", "metric", "runs", "launches", "noise", "autocorrelation", "drift", "comparisons", "alarms",
 *                           "false_alarms", "low", "high", "detectable" } ] }    the blindest first
 *
 *     { "layout": 1, "machine", "fingerprint", "database", "plan", "scripted", "interrupted", "seconds",
 *       "programs":     [ "build/countermark", ... ],
 *       "points":       [ { "point", "metric", "layouts", "launches", "layout", "range", "noise", "within" } ] }  the worst first
 */
#ifndef HARNESS_DOCTOR_TRUST_H
#define HARNESS_DOCTOR_TRUST_H

#include "base/buf.h"
#include "run.h"

#include <jansson.h>

#define AA_RUNS 8
#define AA_MOST 500    /* runs */
#define LAYOUT_MOST 64 /* programs */

struct trust_request {
    struct run_request run;      /* the user's database, and what a run takes */
    const char *metrics;         /* globs; NULL: those that gate */
    double min_effect;           /* the gate's; 0: its default */
    int runs;                    /* of --aa */
    const char *const *programs; /* of --layout; this program itself comes on top */
    size_t program_count;
};

/* Runs the plan so many times into DB.builds/aa.db, and stores in DB what comparing the runs taught. With two runs or more an interruption
 * ends it early, and what was measured counts: then "interrupted" is true and `e` is untouched. NULL on failure. */
json_t *doctor_aa(const struct trust_request *q, struct err *e);
void doctor_aa_text(const json_t *document, struct buf *out);

/* Measures the plan's points with all programs in turns. They must hold the same machine code. Likewise. */
json_t *doctor_layout(const struct trust_request *q, struct err *e);
void doctor_layout_text(const json_t *document, struct buf *out);

/* Stores rows for the machine and environment of `home` in the user's database, which is made if there is none. */
struct trust_home;
struct noise_row;
int doctor_store_noise(const char *database, const struct trust_home *home, const struct noise_row *rows, size_t count,
                       struct err *e);
json_t *doctor_number(double value); /* null if it is not finite */

#endif

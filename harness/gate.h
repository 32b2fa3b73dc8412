/*
 * The gate: a candidate run against its baseline, point by point, into verdicts, findings and an exit code.
 *
 * Gating metrics are wall.time and instructions, of what a GPU computes also device.time and warp instructions. Counts decide alone, but those that moved by less than 1 %, or of points that work in
 * parallel, are counted again first. Time against stored runs is at most `ambiguous`: suspects are measured again, the kept old
 * program against the new one in turns, and only what shows there becomes slower or faster. One program in one environment has
 * one time.
 * A metric that this machine is known to count wrong (doctor --calibrate), now or in the baseline, is incomparable, with its error.
 * Verdicts are stored for reports. Nothing is printed here: people's or machines' text is handed back in a buffer.
 *
 * exit codes: 0 nothing slower; 1 something slower; 3 nothing comparable; 4 launches failed, or a point was ambiguous in three
 * checks running, those with too few launches left out (with `strict`: in this one); 5 a wrong result; 130 interrupted while
 * re-measuring.
 */
#ifndef HARNESS_GATE_H
#define HARNESS_GATE_H

#include "base/buf.h"
#include "base/err.h"
#include "config.h"

#include <stdbool.h>

enum gate_format { GATE_TEXT, GATE_JSON, GATE_GITHUB };

struct gate_options {
    const char *database;
    const char *baseline;                      /* REF, or NULL: the accepted run of each point */
    const char *candidate;                     /* REF, or NULL: the newest complete run of this machine */
    const char *machine;                       /* narrows REFs; NULL: any machine */
    const char *metrics;                       /* globs; NULL: METRICS_GATING */
    double min_effect;                         /* time; 0: 0.01 */
    const struct config_threshold *thresholds; /* of points and metrics by name: the last that matches counts */
    size_t threshold_count;
    const char *ledger;      /* decisions in the user's repository: a file, or NULL */
    bool fail_on_faster;     /* improvements exit 1, too */
    double confirm_budget_s; /* for re-measuring suspects; 0: 600; below 0: none */
    bool across_machines;    /* runs of two machines may be compared, for the numbers */
    bool strict;             /* ambiguous counts at once */
    bool why;                /* every ambiguous finding in full */
    bool accept_first;       /* a first run, and new points, become the baseline (check and nightly) */
    const char *junit;       /* files to write, or NULL */
    const char *markdown;
    const char *pictures;     /* folder of the Markdown's pictures; NULL: beside it */
    const char *pictures_url; /* how the Markdown links to it; NULL: by the way from one to the other */
    enum gate_format format;  /* of `out` */
};

/* The last line of the text stands in *story (free(); may be NULL) too. An exit code; errors are in `e`. */
int gate_run(const struct gate_options *o, struct buf *out, char **story, struct err *e);

/* "text", "json", "github" -> format. */
enum gate_format gate_format_parse(const char *name);

#endif

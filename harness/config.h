/*
 * .countermark.yaml, found in the working folder or a parent up to the repository's top. Mistakes are reported with file, line and
 * column. Everything is optional:
 *
 *     machine: name            # stable name of this machine      class: fleet-name
 *     database: countermark.db                                     report: report
 *     ledger: ledger.yaml      # decisions that live in the repository, read by every check: ledger_file.h
 *     gate:
 *       min-effect: 1%
 *       metrics: "wall.time,papi.PAPI_TOT_INS"
 *       confirm-budget: 10m
 *       baseline: window:10    # or best, branch-point, tag:v1.2, run:12; without it what was accepted
 *       fail-on: slower        # faster: improvements exit 1, too
 *       thresholds:            # of points and metrics (globs; all that is not named): the last that matches counts
 *         - { points: "io*", min-effect: 5% }
 *         - { points: "mandelbrot/simd:*", metrics: "*.instructions,papi.*", min-effect: 0.5% }
 *     build: { command: make, program: build/countermark, run: --plan nightly, timeout: 30m }      # see commit_build.h
 *     plans:
 *       nightly: |             # same text as a .plan file
 *         ...
 */
#ifndef HARNESS_CONFIG_H
#define HARNESS_CONFIG_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct config {
    char *path; /* of the file read, or NULL */
    char *machine, *machine_class, *database, *report, *metrics;
    char *baseline, *ledger; /* or NULL */
    double min_effect;       /* 0: default */
    double confirm_budget_s; /* 0: default; below 0: none */
    bool fail_on_faster;
    struct config_threshold {
        char *points, *metrics; /* globs; NULL: all */
        double min_effect;      /* share */
    } * thresholds;
    size_t threshold_count;
    struct config_plan {
        char *name, *text;
    } * plans;
    size_t plan_count;
    struct config_build {
        char *command, *program, *run; /* or NULL */
        double timeout_s;              /* 0: default; below 0: none */
    } build;
};

int config_read(struct config *c, struct err *e); /* no file is fine: all defaults */
int config_parse(struct config *c, const char *path, const char *text, size_t length, struct err *e);
void config_free(struct config *c);

#endif

/*
 * .countermark.yaml, found in the working folder or a parent up to the repository's top. Mistakes are reported with file, line and
 * column. Everything is optional:
 *
 *     machine: name            # stable name of this machine      class: fleet-name
 *     database: countermark.db                                     report: report
 *     gate: { min-effect: 1%, metrics: "wall.time,papi.PAPI_TOT_INS", confirm-budget: 10m }
 *     plans:
 *       nightly: |             # same text as a .plan file
 *         ...
 */
#ifndef HARNESS_CONFIG_H
#define HARNESS_CONFIG_H

#include "base/err.h"
#include <stddef.h>

struct config {
    char *path; /* of the file read, or NULL */
    char *machine, *machine_class, *database, *report, *metrics;
    double min_effect;       /* 0: default */
    double confirm_budget_s; /* 0: default; below 0: none */
    struct config_plan {
        char *name, *text;
    } * plans;
    size_t plan_count;
};

int config_read(struct config *c, struct err *e); /* no file is fine: all defaults */
int config_parse(struct config *c, const char *path, const char *text, size_t length, struct err *e);
void config_free(struct config *c);

#endif

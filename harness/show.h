/*
 * What is stored, as one JSON document that people's text is made of too; so both say the same.
 *
 * A run:        kind "run"; run {run, uuid, status, started, finished, plan, arguments, group, shard, shards, scripted}; machine
 *               {name, class, facts}; environment {fingerprint, facts}; build {commit, branch, subject, commit_time, dirty,
 *               compiler, flags, binary, facts}; points [{point, kernel_version, variant_version, code, launches, done,
 *               wrong, failed, unavailable, result, deviations, metrics [{metric, unit, kind, n, median, low, high, truth,
 *               quality}]}]; failures [{point, pass, status, reason, launches}]; truth: what doctor --calibrate found, or null
 * Points:       (and a machine's anchors) kind "points"; rows [{run, started, commit, machine, status, point, metric, unit, n, median, low, high,
 *               quality}], newest run first
 * Differences:  kind "differences"; left, right {run, started, commit, machine}; differences [{what, name, left, right}]
 *
 * Values are per execution; what is unknown is null.
 */
#ifndef HARNESS_SHOW_H
#define HARNESS_SHOW_H

#include "../db/store.h"
#include "base/buf.h"

#include <jansson.h>

struct show_filter {
    const char *points;  /* globs, or NULL */
    const char *metrics; /* globs, or NULL */
    int64_t runs;        /* points: the newest N runs that have any */
};

json_t *show_run(struct store *s, int64_t run, const struct show_filter *f, struct err *e);
json_t *show_anchors(struct store *s, const struct show_filter *f, const char *machine,
                     struct err *e);                                              /* CM_NOTHING likewise */
json_t *show_points(struct store *s, const struct show_filter *f, struct err *e); /* CM_USAGE if nothing matches */
json_t *show_differences(struct store *s, int64_t left, int64_t right, struct err *e);
void show_text(const json_t *document, struct buf *out); /* any of the three */

#endif

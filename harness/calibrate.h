/*
 * How right this machine counts: the kernels with a role of truth, whose counts are known by construction, are measured by every
 * pass of counters, and what was counted is held against what must be.
 *
 * A row says of one metric on one point: expected, counted, error, spread, what an empty region reads, whether every repetition
 * gave the same, and a verdict: `right` within the tolerance that the kernel states, `wrong` beyond it, `unknown` where nothing is
 * known by construction (never taken for right), `unavailable` with the reason. A metric that is wrong on any point is barred
 * from verdicts (gate_trust.c), never hidden.
 *
 * Nothing of this is a stored run: the rows are the result, in the table `calibration`.
 */
#ifndef HARNESS_CALIBRATE_H
#define HARNESS_CALIBRATE_H

#include "base/buf.h"
#include "plan.h"

#include <jansson.h>

struct calibrate_request {
    const struct host *host;
    const char *references;      /* folder of reference results */
    const char *script;          /* of the scripted collector, or NULL */
    const struct passes *passes; /* beside pass 0, and what cannot be counted here */
    bool quick;                  /* one value of every axis: enough to bar what is wrong */
    int launches, repetitions;   /* of each point in each pass */
};

/* Rows and the texts that they point at. */
struct calibration {
    struct calibration_row *rows; /* sorted by metric, then point */
    size_t count, capacity;
    char **texts;
    size_t text_count, text_capacity;
    size_t launches; /* that were made */
    double seconds;
};

/* 0 with the rows, also where launches failed (their rows say so); -1 if the user interrupted or no process can be made. */
int calibrate(const struct calibrate_request *q, struct calibration *out, struct err *e);
void calibration_free(struct calibration *c);
const char *calibration_keep(struct calibration *c, char *text);    /* takes it over */
struct calibration_row *calibration_row_new(struct calibration *c); /* an empty row: NaN and "" */

/* What `list` ("papi:base,callgrind"; NULL: all that can count something known) can count here, and what cannot be counted and why.
 * `cache` keeps proven passes; may be NULL. */
int calibrate_passes(const char *list, const struct host *h, const char *cache, struct passes *out, struct err *e);
/* The metrics that a pass names: "papi:A,B=C" -> papi.A, papi.B. */
void calibrate_metrics(const char *pass, struct text_list *out);

/* Stores the rows; those of metrics that were not looked at now stay. */
int calibration_store(struct store *s, const struct host *h, bool scripted, const struct calibration *c, struct err *e);
/* The rows of this machine as it is now. */
int calibration_read(struct store *s, const struct host *h, bool scripted, struct calibration *out, struct err *e);

/* How many metrics have this as their worst verdict: wrong, then right, unknown, unavailable. */
size_t calibration_metrics(const struct calibration *c, const char *verdict);
/* "+100 %", "-0.02 %", "0 %"; "" for NaN. Returns `out`. */
const char *calibration_error_words(const struct calibration_row *r, char *out, size_t size);

/* For people, and as a document:
 *     { "calibration": 1, "machine", "fingerprint", "scripted",
 *       "events": [ { "metric", "point", "event", "expected", "counted", "error", "spread", "overhead", "tolerance",
 *                     "deterministic", "verdict", "note" } ],      numbers are null where they are not known
 *       "right", "wrong", "unknown", "unavailable" }               how many metrics are so at their worst */
void calibration_text(const struct calibration *c, const struct host *h, struct buf *out);
json_t *calibration_json(const struct calibration *c, const struct host *h, bool scripted);

#endif

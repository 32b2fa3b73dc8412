/* Inside doctor_noise*.c: what is known of the last run's disturbances. */
#ifndef HARNESS_DOCTOR_NOISE_H
#define HARNESS_DOCTOR_NOISE_H

#include "../db/store.h"

/* NaN and 0: not known. Times in ns, all launches for time together. */
struct last_run {
    int64_t id; /* 0: there is none */
    double launches, repetitions, measured, steal, stolen_from, marked, switches, disk_faults, throttles;
    double others, most_others; /* CPUs: median and largest of the launches */
    char *isolated;             /* the fact `isolate`, or NULL */
};

/* The newest run of this machine. No database, or no such run: nothing is known. -1: it cannot be read. free isolated. */
int last_run_read(struct last_run *l, const char *database, const char *machine, struct err *e);

/* What a disturbance did to the run; "" where nothing is known. Return `out`. */
const char *last_run_load(const struct last_run *l, char *out, size_t size);
const char *last_run_steal(const struct last_run *l, char *out, size_t size);
const char *last_run_swap(const struct last_run *l, char *out, size_t size);
const char *last_run_heat(const struct last_run *l, char *out, size_t size);
const char *last_run_addresses(const struct last_run *l, char *out, size_t size);

#endif

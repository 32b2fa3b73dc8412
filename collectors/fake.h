/*
 * The scripted collector: replaces any metric, environment fact or error by point, launch and repetition, so that every
 * verdict and every failure can be tested without hardware. Runs that use it are stored as scripted.
 *
 * The script is JSON:
 *   { "facts":  { "cpu.model": "Test CPU", "kernel.release": "9.9" },
 *     "rules": [ { "point": "mandelbrot/serial*", "launch": "0-3", "repetition": 2, "metric": "wall.time",
 *                  "value": 1000, "scale": 1.03, "add": 5, "noise": 0.01, "quality": "suspect", "reason": "..." },
 *                { "point": "triad/simd*", "launch": 4, "error": "crash|hang|memory|exit:3|garbage|wrong|untouched|unavailable:reason" } ] }
 * Missing keys match everything. "value" sets (the metric need not exist), then "scale" and "add" apply, then "noise" is a relative
 * standard deviation from a generator seeded by (point, launch, repetition, metric, "seed" of the script). The first matching
 * rule that has a key decides that key.
 *
 * Values are of one execution: the harness multiplies them by what a repetition executes. When a gate measures suspects again, old
 * and new program in turns, each side follows the script of its own run and its launches count on from those that the run has,
 * so "launch": "0-7" alone is a change that does not show again.
 */
#ifndef COLLECTORS_FAKE_H
#define COLLECTORS_FAKE_H

#include "collector.h"

struct fake;

/* NULL with a sentence naming line and column when the script has a mistake. */
struct fake *fake_load(const char *path, struct err *e);
void fake_free(struct fake *f);

/* Calls `each` for every scripted fact of the environment or the machine. */
void fake_each_fact(const struct fake *f, void (*each)(const char *name, const char *value, void *user), void *user);

/* Does a rule name points of this kernel: "anchor/core", "anchor/..."? */
bool fake_names(const struct fake *f, const char *kernel);

/* The scripted error of this launch ("crash", "exit:3", ...), or NULL. `launch` counts per point from 0. */
const char *fake_error(const struct fake *f, const char *point, int launch);

/* Replaces and adds: readings[0..count) are of this repetition; returns the new count (<= capacity). Metric names that the
 * script adds live as long as `f`. */
size_t fake_apply(const struct fake *f, const char *point, int launch, int repetition, struct reading *readings,
                  size_t count, size_t capacity);

#endif

/*
 * Formulas over metrics, as event groups and derived metrics state them:
 *
 *     papi.PAPI_TOT_INS / papi.PAPI_TOT_CYC
 *     1e9 * work.flops / wall.time
 *
 * Grammar: + - * / parentheses, numbers, names ([A-Za-z_][A-Za-z0-9_.:]*). A name without a value, or a division by zero,
 * makes the whole formula NaN: an unavailable input never becomes a number.
 */
#ifndef HARNESS_BASE_FORMULA_H
#define HARNESS_BASE_FORMULA_H

#include "err.h"
#include <stddef.h>

/* The value of `name`, or NaN. */
typedef double formula_lookup(const char *name, void *user);

/* 0 with *value (maybe NaN), or -1 with the position of the mistake in the sentence. */
int formula_evaluate(const char *formula, formula_lookup *lookup, void *user, double *value, struct err *e);

/* Calls `each` for every name in the formula. -1 if it does not parse. */
int formula_names(const char *formula, void (*each)(const char *name, void *user), void *user, struct err *e);

#endif

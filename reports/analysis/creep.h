/*
 * How far did a level creep since some value, beside the steps that were found? Steps too small for any detector add
 * up: 0.1 % a week is 5 % a year. Pure.
 *
 * Inside each level between two steps the values are tested for a trend, all levels together (Mann and Kendall's
 * test, one stratum a level), so that steps neither make a creep nor hide one. Its size is the middle slope of all
 * pairs of one level (Theil and Sen) over all values since. Counts that repeat are compared as they are: what the
 * steps leave unexplained.
 */
#ifndef REPORTS_ANALYSIS_CREEP_H
#define REPORTS_ANALYSIS_CREEP_H

#include "change.h"

enum { CREEP_LEAST = 12 }; /* values since, of what is no count */

/*
 * `from` is the index of the value since which; `known` the changes that are told already. True, with `out` filled
 * as a CHANGE_CREEP from `from` + 1 to the last value, if the level crept by o->min_effect (0: 1 %, counts 0.1 %) or
 * more; confidence is 1 - p.
 */
bool creep_since(const double *values, size_t n, size_t from, const struct change_list *known,
                 const struct change_options *o, struct change *out);

#endif

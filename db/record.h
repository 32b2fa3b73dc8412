/*
 * Records: the rows of a store as JSON objects that mean the same in another store. Export writes them as lines, import reads such
 * lines, merge hands them over without a file. A record has its "type" and refers to others by numbers that hold within one
 * export (machine, environment, build, point), by name (metric) or by uuid (run); what is referred to comes first.
 *
 *     machine      id name class facts{}
 *     environment  id fingerprint facts{}
 *     build        id commit branch subject commit_time dirty compiler flags binary_hash facts{}
 *     point        id text kernel variant kernel_version variant_version code_hash role axes{}
 *     metric       name unit kind better deterministic formula meaning
 *     run          uuid group machine environment build plan arguments seed shard shards scripted started finished status
 *     launch       run sequence point number pass status reason signal exit_code inner started wall_s executing_s match
 *                  deviations elements flops bytes_read bytes_written checksum samples{metric: [[repetition, value, quality]]}
 *     commit       commit parents branch subject time outcomes[{machine status reason tried}]
 *     decision     kind points metrics run commit reason until created origin
 *     verdict      run point metric baseline verdict ratio ratio_low ratio_high reason finding
 *     calibration  machine fingerprint scripted metric point event expected measured error spread overhead tolerance
 *                  deterministic verdict note created
 *     noise        machine fingerprint scripted point metric runs launches comparisons layouts noise autocorrelation
 *                  false_alarms drift detectable layout created
 *
 * What is NULL in the database is left out; a sample's quality is left out when it is exact, its value is null when unavailable.
 * Summaries do not travel: they are computed again.
 */
#ifndef DB_RECORD_H
#define DB_RECORD_H

#include "store_internal.h"

#include <jansson.h>

enum {
    RECORD_NAME_LIMIT = 4096,     /* bytes: names, points, versions */
    RECORD_TEXT_LIMIT = 16 << 20, /* bytes: reasons, and command lines, which the system limits to less */
    RECORD_FACT_LIMIT = 10000,    /* facts of one machine, axes of one point */
};

/* The first line of an export: {"format":"countermark-export","version":3}; the last: {"records":N}. Version 1 had no roles,
 * calibrations and noise, version 2 no commits. */
#define EXPORT_FORMAT "countermark-export"
#define EXPORT_VERSION 3

/* All records, or those that one run needs, in an order that can be taken. Each is released after the call; -1 stops. */
typedef int record_function(json_t *record, void *user, struct err *e);
int record_each(struct store *s, int64_t run_or_0, record_function *each, void *user, struct err *e);

/* The taking side, inside one transaction of the caller. Records are not trusted. */
struct taker;
struct taker *taker_new(struct store *s);
int taker_take(struct taker *t, const json_t *record, struct err *e);
int taker_end(struct taker *t, int64_t *runs_added, struct err *e); /* status and summaries of all that came */
void taker_free(struct taker *t);

/* db/record_field.c: typed, bounded access; each failure is a sentence that names the record and the field. */
int field_name(const json_t *r, const char *key, const char **text,
               struct err *e); /* not empty, no control characters */
int field_label(const json_t *r, const char *key, const char **text, struct err *e); /* may be empty */
int field_text(const json_t *r, const char *key, const char **text, struct err *e);  /* free text; NULL if left out */
int field_integer(const json_t *r, const char *key, int64_t low, int64_t high, int64_t *value, struct err *e);
int field_integer_or(const json_t *r, const char *key, int64_t low, int64_t high, int64_t otherwise, int64_t *value,
                     struct err *e);
int field_number(const json_t *r, const char *key, double low, double *value, struct err *e); /* NaN if left out */
int field_flag(const json_t *r, const char *key, bool *value, struct err *e);
int field_word(const json_t *r, const char *key, const char *const *words, size_t count, size_t *index, struct err *e);
int field_facts(const json_t *r, const char *key, char **json, struct err *e); /* names and texts, sorted; free() */

/* db/record_launch.c, db/record_decision.c, db/record_trust.c, db/record_commit.c */
int take_launch(struct taker *t, const json_t *r, struct err *e);
int take_decision(struct taker *t, const json_t *r, struct err *e);
int take_verdict(struct taker *t, const json_t *r, struct err *e);
int take_calibration(struct taker *t, const json_t *r, struct err *e);
int take_noise(struct taker *t, const json_t *r, struct err *e);
int take_commit(struct taker *t, const json_t *r, struct err *e);
/* db/record_take.c, for these */
int taker_id(struct taker *t, const char *type, int64_t foreign, int64_t *local, struct err *e);
int taker_run(struct taker *t, const char *uuid, int64_t *run, bool *added, struct err *e); /* must have come before */
/* What was said of this text before: 0 or -1 (nothing yet). */
int taker_note(struct taker *t, const char *text, int64_t *value);
void taker_keep_note(struct taker *t, const char *text, int64_t value);
void taker_touch(struct taker *t, int64_t run); /* its summary needs to be computed again */
struct store *taker_store(struct taker *t);

#endif

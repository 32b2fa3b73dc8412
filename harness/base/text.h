/* Words people type and read: globs, numbers with units, near misses, lists, names of runs. */
#ifndef HARNESS_BASE_TEXT_H
#define HARNESS_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Shell-like match: * ? [a-z]; several patterns may be joined with a comma. NULL or "" matches everything. The commas inside a
 * point's text ("k/v:a=1,b=2") do not part patterns. */
bool text_glob(const char *patterns, const char *text);

/* Of a point's text "k/v:procs=2,size=64" the 2: how many threads or processes share its work; 1 where the text does not tell. */
double text_workers(const char *point);

/* Writes up to three of `names` that look like `word`, as " (did you mean a, b or c?)", or "". Returns `out`. */
const char *text_near(const char *word, const char *const *names, size_t count, char *out, size_t size);

/* 4096, 4K, 4KiB, 1.5M, 2G (powers of 1024). 0 or -1. */
int text_size(const char *text, int64_t *bytes);
/* 90, 90s, 20m, 2h, 100ms -> seconds. 0 or -1. */
int text_duration(const char *text, double *seconds);
/* 1%, 0.01 -> 0.01; more than 1 needs its %. 0 or -1. */
int text_share(const char *text, double *share);

/* Splits at `separator`; empty parts are kept. The array and its strings are one block: free() the array alone. */
char **text_split(const char *text, char separator, size_t *count);

/* Numbers for reading: 1.23 ms, 4.5 G, 64 KiB. `unit` as in struct metric ("ns", "s", "bytes", "1", ...). Returns `out`. */
const char *text_quantity(double value, const char *unit, char *out, size_t size);
const char *text_bytes_words(double bytes, char *out, size_t size); /* a size that somebody chose: 64 KiB, 1.5 MiB */
const char *text_duration_words(double seconds, char *out, size_t size); /* 3 min 20 s */
const char *text_percent(double share, char *out, size_t size);          /* 0.012 %, 2.3 %, 240 %: two digits, or all */
const char *text_change_words(double ratio, char *out, size_t size);     /* +3.0 %, x12, from zero */
/* A run as people name it: "1a2b3c4" and what is said of local changes ("" if there are none), or "run 12" where there is no commit.
 * Returns `out`. */
const char *text_run(const char *commit, const char *local, int64_t run, char *out, size_t size);
/* "" for one, else what many are told by: "s", "es". */
const char *text_plural(size_t n, const char *many);

uint64_t text_hash(const void *bytes, size_t length, uint64_t seed); /* FNV-1a, 64 bit; seed 0 starts */
/* Control characters, those of two bytes (U+0080 to U+009F) too, become spaces, so that foreign text cannot steer a terminal.
 * `lines`: newlines stay. NULL is fine. */
void text_disarm(char *text, bool lines);
bool text_starts(const char *text, const char *prefix);
bool text_is_name(const char *text); /* letters, digits, . _ - only, not empty: safe in file names and points */

#endif

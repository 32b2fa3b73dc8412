/*
 * What a history tells: change points of all series, grouped into findings that people can act on. One change of the code is one
 * finding, however many points, metrics and variants show it; what follows from it in derived metrics is not told again.
 */
#ifndef REPORTS_FINDINGS_H
#define REPORTS_FINDINGS_H

#include "../db/series.h"
#include "analysis/change.h"

struct findings_options {
    const char *machine, *branch; /* NULL: of the newest run */
    const char *points, *metrics; /* globs; NULL: all points; the gating metrics */
    const char *since; /* a commit (prefix) or date 2026-12-31: only changes after it, creep since it; NULL: all */
    size_t window;     /* only the newest so many runs; 0: all */
    double min_effect; /* 0: the default */
};

/* One series in which the change shows. */
struct finding_series {
    char *point, *metric, *unit;
    struct change change; /* index and end: into home->runs */
    bool worse;           /* it moved against the metric's better direction */
};

enum finding_state { FINDING_OPEN, FINDING_ACCEPTED, FINDING_IGNORED, FINDING_NOTED };

struct finding {
    int number; /* from 1, in the order of reading: open and worse first, then by size */
    char *slug; /* file name and anchor: "3f2a91c-mandelbrot-simd-step"; stable while the change is */
    enum change_kind kind;
    bool pending, worse;
    size_t run, before;      /* into home->runs: the first run with it, and the last one without */
    size_t commits;          /* that lie between: 1 is exactly that commit, 0 unknown (no commits are stored) */
    char *kernel, *variants; /* "simd", or "simd, openmp" */
    char *
        region; /* where in the sweep, "" everywhere: "size >= 1024 and threads >= 2"; "the knee moved from 1 MiB to 512 KiB" */
    char *summary;      /* "mandelbrot/simd: time +4.1 % (3.9 to 4.3, 12 points), instructions +0.0 %" */
    char *machine_note; /* what else changed at that place (environment, machine), or NULL */
    enum finding_state state;
    char *ledger;                  /* "accepted: slower on purpose (until 2026-12-31)", or NULL */
    struct finding_series *series; /* the gating metric with the largest change first */
    size_t series_count, series_capacity;
};

struct findings {
    struct series_home home;
    struct finding *items;
    size_t count, capacity;
    size_t series, values; /* that were looked at */
};

int findings_read(struct store *s, const struct findings_options *o, struct findings *f, struct err *e);
void findings_free(struct findings *f);

#endif

/*
 * What a history tells: change points of all series, grouped into findings that people can act on. One change of the
 * code is one finding, however many points, metrics and variants show it; what follows from it in derived metrics is
 * not told again.
 */
#ifndef REPORTS_FINDINGS_H
#define REPORTS_FINDINGS_H

#include "../db/commit.h"
#include "../db/series.h"
#include "analysis/change.h"

struct findings_options {
    const char *machine, *branch; /* NULL: of the newest run */
    const char *points, *metrics; /* globs; NULL: all points; the gating metrics */
    const char *since;      /* a commit (prefix) or date 2026-12-31: only changes after it, creep since it; NULL: all */
    const char *since_name; /* what people call it: "v1.2"; NULL: as `since` */
    int64_t since_time;     /* of that commit, seconds since 1970: counts where it has no run; 0 unknown */
    size_t window;          /* only the newest so many runs; 0: all */
    double min_effect;      /* of times; 0: the default */
};

/* One series in which the change shows. */
struct finding_series {
    char *point, *metric, *unit;
    struct change change; /* index and end: into home->runs */
    bool worse;           /* it moved against the metric's better direction */
};

/* What a series did between two changes: run and last index home->runs. */
struct findings_level {
    size_t run, last, count;
    double median, low, high; /* the smallest and the largest value */
    bool creeping;            /* no level, but the way from one to the next */
    bool another; /* of another version of kernel or variant than the level before: what is between them is no change */
};

/* One series that was looked at, with all its levels. */
struct findings_series {
    char *point, *kernel, *variant, *metric, *unit;
    enum metric_better better;
    enum metric_kind kind;
    bool deterministic;
    double noise;  /* relative standard deviation around the levels, robust */
    double memory; /* correlation of that noise with the run before, from 0 */
    struct findings_level *levels;
    size_t count, capacity;
};

enum { FINDINGS_COMMITS = 20 };

enum finding_state { FINDING_OPEN, FINDING_ACCEPTED, FINDING_IGNORED, FINDING_NOTED };

struct finding {
    int number; /* from 1, in the order of reading: open and worse first, then what is better, settled, pending, doubtful;
                   in each of these the newest commit first, at one commit the largest */
    char *slug; /* file name and anchor: "3f2a91c-mandelbrot-simd-step"; stable while the change is */
    enum change_kind kind;
    bool pending, worse;
    size_t run, before; /* into home->runs: the first run with it, and the last one without */
    size_t last;        /* of a creep the first run at its final level; else `run` */
    size_t commits; /* that lie between, of creeps the whole way: 1 is exactly that commit, 0 unknown (none stored) */
    size_t blur;    /* runs by which the place may be off, where noise leaves it open */
    struct commit_path between; /* these commits, oldest first; empty where they are more than FINDINGS_COMMITS */
    bool since;                 /* a creep beside the steps, from o->since to now */
    bool doubtful;              /* one of many series would look like this by chance */
    int undone_by, undoes; /* numbers of the finding that took it back, and of the one that this one takes back; or 0 */
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
    struct findings_series *all;            /* sorted by point, then metric */
    size_t series, series_capacity, values; /* that were looked at */
};

/* Where a finding stands, in the order of reading. */
enum finding_standing { STANDS_WORSE, STANDS_BETTER, STANDS_SETTLED, STANDS_PENDING, STANDS_DOUBTFUL };
enum finding_standing finding_standing(const struct finding *f);
/* Is a level still on the side that the change went to? What was outweighed by others later leaves nothing to act on. */
bool finding_lasts(const struct change *c, double level);
/* True where what leads the finding is back where it was, or beyond, though no one change took it back; *now is its newest level. */
bool finding_is_gone(const struct findings *f, const struct finding *one, double *now);
const char *finding_standing_name(enum finding_standing s); /* "worse", "better", "settled", "pending", "doubtful" */
const char *finding_state_name(enum finding_state s);       /* "open", "accepted", "ignored", "noted" */
/*
 * "slower", "faster"; "worse", "better" or "changed" where no time or instructions lead it; "noisier", "calmer",
 * "two groups".
 */
const char *finding_word(const struct findings *f, const struct finding *one);
/* "commit 3f2a91c", "1a2b3c4 to 3f2a91c (3 commits, 1 of them does not build)", "run 12", ...; free() */
char *finding_place_words(const struct findings *f, const struct finding *one);
/* Globs that name it where a decision is taken: its only point, or all points of its variants, commas between them; free(). */
char *finding_globs(const struct finding *f);

int findings_read(struct store *s, const struct findings_options *o, struct findings *f, struct err *e);
void findings_free(struct findings *f);

#endif

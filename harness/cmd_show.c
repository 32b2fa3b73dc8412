/* countermark show: what is stored about a run or about points, or what differs between two runs besides their results. */
#include "base/text.h"
#include "cmd.h"
#include "config.h"
#include "ref_words.h"
#include "show.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { default_runs = 10 };

struct show_options {
    const char *database, *machine, *points, *metrics, *format;
    int64_t runs;
    bool anchors;
};

#define AT(field) .offset = offsetof(struct show_options, field)

static const struct option_row rows[] = {
    {"point", 'p', OPTION_TEXT, "GLOB", "shows only these points of a run", AT(points), NULL},
    {"metric", 'm', OPTION_TEXT, "GLOB", "shows only these metrics", AT(metrics), NULL},
    {"runs", 'n', OPTION_INTEGER, "N", "points: the newest N runs that have them (10)", AT(runs), NULL},
    {"anchors", 0, OPTION_FLAG, NULL, "shows what tells whether the machine moved: its anchors in the newest runs",
     AT(anchors), NULL},
    {"machine", 0, OPTION_TEXT, "NAME", "means this machine by last, accepted and commit:", AT(machine), NULL},
    {"db", 0, OPTION_TEXT, "FILE", "reads this database (countermark.db)", AT(database), NULL},
    {"format", 0, OPTION_TEXT, "FORMAT", "prints text or one JSON document", AT(format), "text,json"},
    {0},
};

/* Points have a slash, or are globs; runs have neither (a commit or machine is named with its word in front). */
static bool means_points(const char *word)
{
    return !text_starts(word, "machine:") && strpbrk(word, "/*?[") != NULL;
}

static json_t *two_runs(struct store *s, const struct show_options *o, const char *left, const char *right,
                        struct err *e)
{
    int64_t a, b;

    if (ref_find(s, left, o->machine, NULL, 0, &a, NULL, e) || ref_find(s, right, o->machine, NULL, 0, &b, NULL, e))
        return NULL;
    return show_differences(s, a, b, e);
}

static json_t *read_document(struct store *s, const struct show_options *o, const struct option_list *words,
                             struct err *e)
{
    struct show_filter f = {o->points, o->metrics, o->runs};
    const char *first = words->count ? words->items[0] : "last";
    int64_t run;

    if (o->anchors)
        return show_anchors(s, &f, o->machine, e);
    if (words->count == 2)
        return two_runs(s, o, first, words->items[1], e);
    if (means_points(first)) {
        f.points = first;
        return show_points(s, &f, e);
    }
    return ref_find(s, first, o->machine, NULL, 0, &run, NULL, e) ? NULL : show_run(s, run, &f, e);
}

static int show(const struct show_options *o, const struct option_list *words, struct err *e)
{
    struct buf text = {0};
    struct store *s = NULL;
    json_t *document = NULL;
    int result = store_open(&s, o->database, STORE_READ, e);

    if (!result && !(document = read_document(s, o, words, e)))
        result = -1;
    if (document && o->format && !strcmp(o->format, "json")) {
        json_dumpf(document, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
        putchar('\n');
    } else if (document) {
        show_text(document, &text);
        fputs(buf_text(&text), stdout);
    }
    json_decref(document);
    buf_free(&text);
    store_close(s);
    return result;
}

static int run(int argc, char **argv, struct err *e)
{
    struct show_options o = {.runs = default_runs};
    struct option_list words = {0};
    struct config c = {0};
    int failed = opt_parse(rows, argc, argv, &o, &words, NULL, e);

    if (!failed && words.count > 2)
        failed =
            err_set(e, CM_USAGE, "show takes a run or points, or two runs to compare; %zu words came", words.count);
    if (!failed && o.anchors && words.count)
        failed = err_set(e, CM_USAGE, "--anchors are those of all runs; '%s' is too much", words.items[0]);
    if (!failed && o.runs < 1)
        failed = err_set(e, CM_USAGE, "--runs takes a number from 1 on");
    if (!failed)
        failed = config_read(&c, e);
    if (!o.database)
        o.database = c.database ? c.database : "countermark.db";
    if (!failed)
        failed = show(&o, &words, e);
    config_free(&c);
    opt_list_free(&words);
    return failed ? e->code : CM_FINE;
}

const struct command command_show = {
    .summary = "shows what is stored about a run or about points, or what differs between two runs",
    .usage = "[REF | POINT-GLOB | REF REF]",
    .details =
        "With a run (run:12 or 12, commit:1a2b3c, tag:T, last, accepted, machine:NAME; last if nothing is named): "
        "every "
        "metric of every "
        "point, the outcome of the verification, what has no result and why, and the facts of machine, environment and "
        "build. Values are per execution: the median over launches, with the smallest and the largest.\n\n"
        "With points (mandelbrot/simd:size=256 or a glob): the same rows over the newest runs.\n\n"
        "With --anchors: what the same kept program did in every run, so that a machine that moves is seen.\n\n"
        "With two runs: which facts of machine, environment and build differ, and which points have other machine "
        "code.",
    .rows = rows,
    .examples = "countermark show last\n"
                "countermark show 'mandelbrot/simd*' --metric wall.time\n"
                "countermark show accepted last",
    .run = run,
};

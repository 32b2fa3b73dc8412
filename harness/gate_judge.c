/*
 * From loaded runs to one comparison per point and metric. What may not be compared says why; counts are decided here; time
 * that moved becomes a suspect, because time against stored runs alone is at most `ambiguous`.
 */
#include "gate_base.h"

#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What more variables of the environment, or another folder, make of a small program's count. */
#define SURROUNDINGS 0.01
/* 0.1 % of a count is a finding, also where counters are off by a handful in a million: what reads as so much is so much. */
#define COUNT_EFFECT 0.000996

void gate_reason(struct gate_item *item, const char *format, ...)
{
    char text[1200];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    free(item->reason);
    item->reason = mem_copy(text);
}

struct compare_options gate_compare_options(const struct gate *g)
{
    return (struct compare_options){.min_effect = g->options->min_effect > 0 ? g->options->min_effect : 0.01,
                                    .min_effect_deterministic = COUNT_EFFECT,
                                    .min_launches = 8,
                                    .false_discovery = 0.05,
                                    .seed = 20261};
}

static void settle(struct gate_item *item, enum compare_verdict verdict, enum gate_cause cause)
{
    item->c.verdict = verdict;
    item->cause = cause;
}

/* The fate of the candidate's launches alone decides. True when there is nothing left to compare. */
static bool judge_launches(struct gate_item *item)
{
    const struct gate_point *p = item->point;
    int all = p->wrong + p->done + p->failed;
    char elements[48] = "";

    if (p->wrong > 0) {
        if (p->deviations > 0)
            snprintf(elements, sizeof elements, " (%d element%s)", p->deviations,
                     p->deviations == 1 ? " differs" : "s differ");
        settle(item, COMPARE_WRONG, CAUSE_FAILED);
        gate_reason(item, "%d of %d launches gave a wrong result: %s%s", p->wrong, all,
                    p->reason ? p->reason : "no reason was given", elements);
        return true;
    }
    if (p->done == 0) {
        settle(item, COMPARE_INCOMPARABLE, CAUSE_FAILED);
        gate_reason(item, "all %d launches failed: %s", p->failed, p->reason ? p->reason : "no reason was given");
        return true;
    }
    return false;
}

bool gate_is_command(const struct gate_point *point)
{
    return !strcmp(point->kernel, "command");
}

/* A program of the user is known by the files of its command line, a variant by the whole program that holds it. */
static bool is_same_program(const struct gate_side *now, const struct gate_side *before, const struct gate_point *p,
                            const struct gate_point *old)
{
    const char *a = gate_is_command(p) ? p->code_hash : now->binary_hash;
    const char *b = gate_is_command(p) ? old->code_hash : before->binary_hash;

    return a[0] && !strcmp(a, b) && !strcmp(now->script ? now->script : "", before->script ? before->script : "");
}

/* What forbids a comparison with this baseline, or only speaks against it. True when nothing is left to compare. */
static bool judge_identity(const struct gate *g, struct gate_item *item, const struct gate_point *old)
{
    const struct gate_side *now = &g->candidate, *before = item->baseline;
    const struct gate_point *p = item->point;
    bool strange = strcmp(now->machine, before->machine) && (!now->klass[0] || strcmp(now->klass, before->klass));

    if (now->scripted != before->scripted) {
        settle(item, COMPARE_INCOMPARABLE, CAUSE_OTHER);
        gate_reason(item, "run %" PRId64 " is scripted and run %" PRId64 " is real",
                    now->scripted ? now->run : before->run, now->scripted ? before->run : now->run);
    } else if (strange && !g->options->across_machines) {
        settle(item, COMPARE_INCOMPARABLE, CAUSE_OTHER);
        gate_reason(item, "run %" PRId64 " is of machine %s, this run of %s", before->run, before->machine,
                    now->machine);
    } else if (old->wrong > 0) {
        settle(item, COMPARE_NEW, CAUSE_NONE);
        gate_reason(item, "the result of this point was wrong in run %" PRId64, before->run);
    } else if (gate_in_one_run(g, item)) {
        return false;
    } else if (strcmp(p->kernel_version, old->kernel_version)) {
        settle(item, COMPARE_INCOMPARABLE, CAUSE_VERSION);
        gate_reason(item, "the kernel is version %s now and was version %s in run %" PRId64, p->kernel_version,
                    old->kernel_version, before->run);
    } else if (strcmp(p->variant_version, old->variant_version) && !strcmp(p->kernel, "command")) {
        settle(item, COMPARE_INCOMPARABLE, CAUSE_VERSION);
        gate_other_arguments(item, now, before);
    } else if (strcmp(p->variant_version, old->variant_version)) {
        settle(item, COMPARE_INCOMPARABLE, CAUSE_VERSION);
        gate_reason(item, "the variant is version %s now and was version %s in run %" PRId64, p->variant_version,
                    old->variant_version, before->run);
    } else if (!strange && gate_other_device(item, now)) {
        settle(item, COMPARE_INCOMPARABLE, CAUSE_VERSION);
    } else {
        item->same_code = p->code_hash[0] && !strcmp(p->code_hash, old->code_hash) && !now->scripted;
        item->same_program = !strange && is_same_program(now, before, p, old);
        return false;
    }
    return true;
}

/* "multiplexed" of "multiplexed(40%)". */
static void rung_name(const char *quality, char out[40])
{
    snprintf(out, 40, "%.*s", (int)strcspn(quality, "("), quality);
}

static bool judge_rungs(struct gate_item *item)
{
    char old[40], now[40];
    bool suspect;

    rung_name(item->old_series->quality, old);
    rung_name(item->new_series->quality, now);
    suspect = !strcmp(old, quality_name(QUALITY_SUSPECT)) || !strcmp(now, quality_name(QUALITY_SUSPECT));
    if (suspect) {
        settle(item, COMPARE_AMBIGUOUS, CAUSE_OTHER);
        gate_reason(item, "the values cannot be trusted: %s in the baseline, %s now", item->old_series->quality,
                    item->new_series->quality);
        return true;
    }
    if (strcmp(old, now)) {
        settle(item, COMPARE_INCOMPARABLE, CAUSE_OTHER);
        gate_reason(item, "%s values now, %s ones in run %" PRId64, now, old, item->baseline->run);
        return true;
    }
    return false;
}

static struct compare_side side_of(const struct gate_series *s)
{
    return s ? (struct compare_side){s->values, s->count} : (struct compare_side){NULL, 0};
}

/*
 * How much the very program of the baseline moved from run to run in one environment, as a share: what a count does by itself.
 * A night that was found to differ is no noise: else what was red once would excuse itself the next night.
 * Programs of the user may depend on more than their files, and scripts change without the build: neither teaches anything.
 */
static int history_noise(struct gate *g, const struct gate_point *old, const struct gate_item *item, double *noise,
                         struct err *e)
{
    char point[24], baseline[24], run[24];
    const char *const parameters[] = {point, item->metric->name, baseline, run};
    bool found;
    double value;

    if (!old->code_hash[0] || gate_is_command(old) || g->candidate.scripted)
        return 0;
    snprintf(point, sizeof point, "%" PRId64, old->id);
    snprintf(baseline, sizeof baseline, "%" PRId64, item->baseline->run);
    snprintf(run, sizeof run, "%" PRId64, g->candidate.run);
    if (store_number(
            g->store,
            "SELECT (max(s.median) - min(s.median)) / abs(min(s.median)) FROM summary s"
            " JOIN run r ON r.id = s.run JOIN metric m ON m.id = s.metric JOIN run b ON b.id = ?3"
            " WHERE s.point = ?1 AND m.name = ?2 AND r.build = b.build AND r.environment = b.environment"
            " AND s.run <> ?4 AND s.n > 0 AND NOT EXISTS (SELECT 1 FROM verdict v JOIN point p ON p.text = v.point"
            " WHERE p.id = s.point AND v.run = s.run AND v.metric = m.name AND v.verdict IN ('slower', 'faster'))",
            parameters, 4, &value, &found, e))
        return -1;
    if (found && isfinite(value))
        *noise = fmax(*noise, value);
    return 0;
}

static int judge_count(struct gate *g, struct gate_item *item, const struct gate_point *old, struct err *e)
{
    struct compare_options o = gate_item_options(g, item, false);
    char change[32];
    double noise = fmax(item->old_series->repetition_noise, item->new_series->repetition_noise);

    if (history_noise(g, old, item, &noise, e))
        return -1;
    o.min_effect_deterministic = fmax(o.min_effect_deterministic, noise);
    compare_deterministic(side_of(item->old_series), side_of(item->new_series), item->metric->better == BETTER_LOWER,
                          &o, &item->c);
    text_change_words(item->c.ratio, change, sizeof change);
    if (item->c.verdict != COMPARE_SAME && item->same_program && gate_is_command(item->point) &&
        fabs(log(item->c.ratio)) < log1p(SURROUNDINGS)) {
        item->c.verdict = COMPARE_AMBIGUOUS;
        gate_reason(item,
                    "%s, but the program file is that of run %" PRId64
                    ": so much may come of its environment and folder; look at what it loads and reads",
                    change, item->baseline->run);
    } else if (item->c.verdict != COMPARE_SAME && item->same_code)
        gate_reason(item,
                    "%s with the same machine code as before: not the commit, look at libraries, environment and data",
                    change);
    return 0;
}

/*
 * One program in one environment: its times are the same, whatever they are, for only the machine can have moved. A program of the
 * user may be another by what it loads and runs: there a large shift is not explained away.
 */
static void settle_same_program(struct gate_item *item, const char *environment)
{
    char change[32];
    bool large = fabs(log(item->c.ratio)) >= log1p(fmax(0.05, item->c.noise));

    if (item->c.verdict == COMPARE_SAME || environment || (gate_is_command(item->point) && large))
        return;
    settle(item, COMPARE_SAME, CAUSE_NONE);
    item->c.p = 1;
    gate_reason(item, "%s is the machine's doing: the same program as in run %" PRId64 ", in the same environment",
                text_change_words(item->c.ratio, change, sizeof change), item->baseline->run);
}

static void judge_time(struct gate *g, struct gate_item *item)
{
    struct compare_options o = gate_item_options(g, item, false);
    size_t before = item->old_series->count, now = item->new_series->count;
    char *environment = NULL;

    compare_time(side_of(item->old_series), side_of(item->new_series), item->metric->better == BETTER_LOWER, &o,
                 &item->c);
    if (item->same_program) {
        environment = gate_environment_words(item->baseline, &g->candidate);
        settle_same_program(item, environment);
    }
    if (before < o.min_launches || now < o.min_launches)
        item->c.p = 1; /* no test says anything of so few */
    item->few = item->c.verdict == COMPARE_AMBIGUOUS;
    if (item->few)
        gate_reason(item, GATE_FEW "%zu in the baseline and %zu now, %zu a side are needed%s%s", before, now,
                    o.min_launches, environment ? "; the same program, but the environment changed: " : "",
                    environment ? environment : "");
    free(environment);
}

static void medians(struct gate_item *item)
{
    struct compare_side old = side_of(item->old_series), now = side_of(item->new_series);

    item->old_value = stats_median(old.values, old.count);
    item->new_value = stats_median(now.values, now.count);
}

static int judge_item(struct gate *g, struct gate_item *item, const struct gate_reference *r, struct err *e)
{
    const struct gate_point *old = item->baseline ? gate_side_point(item->baseline, r->point) : NULL;

    item->c = (struct comparison){.ratio = NAN, .low = NAN, .high = NAN, .p = 1, .verdict = COMPARE_NEW};
    item->new_series = gate_side_series(&g->candidate, item->point->text, item->metric->name);
    item->old_series = old && r->series ? r->series
                       : old            ? gate_side_series(item->baseline, r->point, item->metric->name)
                                        : NULL;
    medians(item);
    if (judge_launches(item))
        return 0;
    if (!old && gate_base_words(g)) {
        gate_reason(item, "nothing to compare with among %s", gate_base_words(g));
        return 0;
    }
    if (!old) {
        gate_reason(item, item->baseline ? "run %" PRId64 " did not measure this point" : "nothing was accepted before",
                    item->baseline ? item->baseline->run : 0);
        return 0;
    }
    if (item->baseline->run == g->candidate.run && !gate_in_one_run(g, item)) {
        item->c.ratio = item->c.low = item->c.high = 1;
        settle(item, COMPARE_SAME, CAUSE_NONE);
        gate_reason(item, "this run is the accepted one");
        return 0;
    }
    if (judge_identity(g, item, old) || gate_judge_trust(g, item))
        return 0;
    if (!item->new_series) {
        settle(item, COMPARE_INCOMPARABLE, CAUSE_OTHER);
        gate_reason(item, "%s was measured in run %" PRId64 ", but not now", item->metric->name, item->baseline->run);
        return 0;
    }
    if (!item->old_series) {
        gate_reason(item, "run %" PRId64 " has no %s of this point", item->baseline->run, item->metric->name);
        return 0;
    }
    if (judge_rungs(item))
        return 0;
    if (item->metric->deterministic && !text_starts(item->new_series->quality, quality_name(QUALITY_MULTIPLEXED)))
        return judge_count(g, item, old, e);
    judge_time(g, item);
    return 0;
}

static bool was_measured(const struct gate_reference *r, const char *metric)
{
    return r->series || (r->side && gate_side_series(r->side, r->point, metric));
}

static int judge_point(struct gate *g, const struct gate_point *p, struct err *e)
{
    bool unsound = p->wrong > 0 || p->done == 0;

    for (size_t i = 0; i < g->metric_count; i++) {
        const struct gate_reference candidate = {.side = &g->candidate, .point = p->text};
        struct gate_reference r;
        struct gate_item *item;

        if (gate_base_find(g, p, g->metrics[i].name, &r, e))
            return -1;
        /* A metric that neither side has is no comparison; an unsound point is told once, under the first metric. */
        if (!unsound && !was_measured(&candidate, g->metrics[i].name) && !was_measured(&r, g->metrics[i].name))
            continue;
        VEC_ROOM(g->items, g->item_count, g->item_capacity);
        item = &g->items[g->item_count++];
        *item = (struct gate_item){.point = p, .metric = &g->metrics[i], .baseline = r.side, .apart = r.drift};
        if (judge_item(g, item, &r, e))
            return -1;
        if (unsound)
            break;
    }
    return 0;
}

static bool is_timed(const struct gate_item *item)
{
    return item->old_series && item->new_series && item->c.p < 1 &&
           (item->c.verdict == COMPARE_SAME || item->c.verdict == COMPARE_SLOWER || item->c.verdict == COMPARE_FASTER);
}

/* Two machines that are compared: nothing can be run in turns there, so what is stored is all there is to judge by. */
static bool is_other_machine(const struct gate *g, const struct gate_item *item)
{
    return g->options->across_machines && strcmp(g->candidate.machine, item->baseline->machine) != 0;
}

/* False-discovery control over all timed points; what is left is suspected, not judged. */
static void control_times(struct gate *g)
{
    struct comparison *list = mem_new(g->item_count + 1, sizeof *list);
    size_t n = 0;

    for (size_t i = 0; i < g->item_count; i++) {
        if (is_timed(&g->items[i]))
            list[n++] = g->items[i].c;
    }
    compare_control(list, n, gate_compare_options(g).false_discovery);
    n = 0;
    for (size_t i = 0; i < g->item_count; i++) {
        struct gate_item *item = &g->items[i];

        if (!is_timed(item))
            continue;
        if (gate_in_one_run(g, item)) {
            item->c.verdict = list[n++].verdict; /* measured in turns: nothing is to be settled */
            continue;
        }
        if (is_other_machine(g, item)) {
            item->c.verdict = list[n++].verdict;
            if (item->c.verdict != COMPARE_SAME)
                gate_reason(item, "of stored launches: two machines cannot be measured in turns");
            continue;
        }
        item->suspect = item->c.verdict != COMPARE_SAME &&
                        (list[n].verdict != COMPARE_SAME || item->c.p <= gate_suspect_p(g, item));
        if (!item->suspect)
            item->c.verdict = COMPARE_SAME;
        n++;
    }
    free(list);
}

/* Suspects without a re-run: what is known of them. */
static void hold_suspects(struct gate *g)
{
    for (size_t i = 0; i < g->item_count; i++) {
        struct gate_item *item = &g->items[i];

        if (!item->suspect)
            continue;
        item->c.verdict = COMPARE_AMBIGUOUS;
        gate_reason(item, "only stored launches speak: not measured again");
    }
}

int gate_judge(struct gate *g, struct err *e)
{
    for (size_t i = 0; i < g->candidate.point_count; i++) {
        const struct gate_point *p = &g->candidate.points[i];

        if (p->done + p->wrong + p->failed == 0) {
            g->unavailable_points += p->unavailable > 0;
            continue;
        }
        if (judge_point(g, p, e))
            return -1;
    }
    control_times(g);
    if (gate_anchor_judge(g, e))
        return -1;
    hold_suspects(g);
    return 0;
}

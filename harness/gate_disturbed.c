/*
 * Was the machine disturbed while one of two runs was measured? A time that moved is then told with what stood in its way: a neighbour
 * that kept CPUs busy, heat that held them back, a hypervisor that took them away. It is never more than ambiguous by itself; only
 * old and new program in turns, who meet the same disturbance, can still make a verdict of it.
 *
 * What counts is what one side had and the other had not, in the direction in which the time moved:
 *
 *   neighbours  the launches' median of os.others, apart by a quarter of a CPU, on machines of more than 4 CPUs by a sixteenth of them:
 *               what shares caches, memory and clock. A quarter is enough on any machine where the point's threads and the
 *               neighbours together are more than the CPUs.
 *   heat        os.throttles, all launches together: once more, and twice as often
 *   steal       os.steal, as a share of the measured time: apart by STOLEN_SHARE
 */
#include "gate_model.h"

#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"
#include "gate_disturbed.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STOLEN_SHARE 0.02
#define LEAST_OTHERS 0.25
#define OTHERS_SHARE (1.0 / 16)
#define LEAST_MOVE 0.01

static double at_least_zero(double x)
{
    return isnan(x) ? 0 : x;
}

static bool crowded(const struct disturbed *worse, const struct disturbed *better)
{
    double most = at_least_zero(worse->others), limit = LEAST_OTHERS;

    if (!isnan(worse->cpus) && worse->threads + most <= worse->cpus)
        limit = fmax(limit, OTHERS_SHARE * worse->cpus);
    return most >= limit && most - at_least_zero(better->others) >= limit;
}

static void add_neighbours(struct buf *b, const struct disturbed *worse, const struct disturbed *better,
                           const char *subject, const char *elsewhere)
{
    buf_addf(b, "; %sbeside a neighbour that kept %.1f ", subject, worse->others);
    if (isnan(worse->cpus))
        buf_add(b, "CPUs busy");
    else
        buf_addf(b, "of %.0f CPUs busy", worse->cpus);
    if (isnan(better->others))
        buf_addf(b, ", not known %s", elsewhere);
    else if (better->others < 0.05)
        buf_addf(b, ", none %s", elsewhere);
    else
        buf_addf(b, ", %.1f %s", better->others, elsewhere);
}

static void add_heat(struct buf *b, const struct disturbed *worse, const struct disturbed *better, const char *here,
                     const char *elsewhere)
{
    buf_addf(b, "; heat held the CPUs back %.0f time%s%s", worse->throttles, worse->throttles > 1 ? "s" : "", here);
    if (isnan(better->throttles))
        buf_addf(b, ", not known %s", elsewhere);
    else if (better->throttles > 0)
        buf_addf(b, ", %.0f %s", better->throttles, elsewhere);
    else
        buf_addf(b, ", never %s", elsewhere);
}

static void add_steal(struct buf *b, const struct disturbed *worse, const struct disturbed *better, const char *here,
                      const char *elsewhere)
{
    buf_addf(b, "; the hypervisor took %.1f %% of the time away%s", 100 * worse->stolen, here);
    if (isnan(better->stolen))
        buf_addf(b, ", not known %s", elsewhere);
    else if (better->stolen > 0.0005)
        buf_addf(b, ", %.1f %% %s", 100 * better->stolen, elsewhere);
    else
        buf_addf(b, ", nothing %s", elsewhere);
}

char *disturbed_words(const struct disturbed *before, const struct disturbed *now, bool slower)
{
    const struct disturbed *worse = slower ? now : before, *better = slower ? before : now;
    const char *here = slower ? "" : " in the baseline", *elsewhere = slower ? "in the baseline" : "now";
    double heat = at_least_zero(worse->throttles), cooler = at_least_zero(better->throttles);
    struct buf b = {0};

    if (crowded(worse, better))
        add_neighbours(&b, worse, better, slower ? "" : "the baseline ran ", elsewhere);
    if (heat >= 1 && heat - cooler >= fmax(1, cooler))
        add_heat(&b, worse, better, here, elsewhere);
    if (at_least_zero(worse->stolen) - at_least_zero(better->stolen) >= STOLEN_SHARE)
        add_steal(&b, worse, better, here, elsewhere);
    return b.length ? buf_take(&b) : NULL;
}

static int take(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct disturbed *d = user;

    (void)count;
    (void)e;
    d->others = c[0].number;
    d->throttles = c[1].number;
    d->stolen = c[3].number > 0 ? c[2].number / c[3].number : (double)NAN;
    d->cpus = c[4].number;
    return 0;
}

/* What the launches of a point met. */
static int load(struct gate *g, int64_t run, const char *point, struct disturbed *d, struct err *e)
{
    char id[24];
    const char *const parameters[] = {id, point};

    *d =
        (struct disturbed){.others = NAN, .throttles = NAN, .stolen = NAN, .cpus = NAN, .threads = text_workers(point)};
    snprintf(id, sizeof id, "%" PRId64, run);
    return store_query(
        g->store,
        "SELECT (SELECT max(s.median) FROM summary s JOIN point p ON p.id = s.point JOIN metric m ON m.id = s.metric"
        " WHERE s.run IN " GATE_RUNS " AND p.text = ?2 AND m.name = 'os.others'),"
        " sum(CASE m.name WHEN 'os.throttles' THEN x.value END), sum(CASE m.name WHEN 'os.steal' THEN x.value END),"
        " sum(CASE m.name WHEN 'wall.time' THEN x.value END),"
        " (SELECT json_extract(c.facts, '$.\"cpu.count\"') FROM run r JOIN machine c ON c.id = r.machine"
        " WHERE r.id = ?1)"
        " FROM launch l JOIN point p ON p.id = l.point JOIN sample x ON x.launch = l.id JOIN metric m ON m.id = "
        "x.metric"
        " WHERE l.run IN " GATE_RUNS " AND l.pass = '' AND l.status = 'done' AND p.text = ?2"
        " AND m.name IN ('os.throttles', 'os.steal', 'wall.time')",
        parameters, 2, take, d, e);
}

static double stored_median(const struct gate_series *s)
{
    return s ? stats_median(s->values, s->count) : (double)NAN;
}

/* A time whose stored launches moved, and that is called neither slower nor faster: held back, put down to the machine, or gone when
 * it was measured again. */
static bool is_concerned(const struct gate_item *item, double ratio)
{
    bool open = item->c.verdict == COMPARE_AMBIGUOUS || item->c.verdict == COMPARE_SAME;

    /* Without a comparison (marked times, another machine) there is nothing to explain. */
    return open && item->reason && item->baseline && !strcmp(item->metric->name, "wall.time") &&
           isfinite(item->c.ratio * ratio) && fabs(log(ratio)) >= log1p(fmax(LEAST_MOVE, item->c.threshold));
}

int gate_disturbed(struct gate *g, struct err *e)
{
    for (size_t i = 0; i < g->item_count; i++) {
        struct gate_item *item = &g->items[i];
        double ratio = stored_median(item->new_series) / stored_median(item->old_series);
        struct disturbed before, now;
        char *words;

        if (gate_in_one_run(g, item) || !is_concerned(item, ratio))
            continue;
        if (load(g, item->baseline->run, item->point->text, &before, e) ||
            load(g, g->candidate.run, item->point->text, &now, e))
            return -1;
        words = disturbed_words(&before, &now, ratio > 1);
        if (words) {
            char *reason = mem_format("%s%s", item->reason, words);

            gate_reason(item, "%s", reason);
            free(reason);
        }
        free(words);
    }
    return 0;
}

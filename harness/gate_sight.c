/*
 * How small a change the gate would have seen, beside every verdict; and how small a change it takes for one.
 *
 * What is known of a machine's noise (doctor --aa, doctor --layout) sets both. Thresholds: a count needs to move by more than it did
 * by itself, a time by more than its launches vary and than two layouts of the same code lie apart. Visible: what comparisons of
 * the program with itself found. Without A/A runs the launches at hand give an estimate, which is called one.
 */
#include "gate_model.h"

#include "../reports/analysis/layout.h"
#include "../reports/analysis/power.h"
#include "base/mem.h"
#include "base/text.h"
#include "sight.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_series(const void *a, const void *b)
{
    const struct gate_noise *x = a, *y = b;
    int order = strcmp(x->point, y->point);

    return order ? order : strcmp(x->metric, y->metric);
}

static struct gate_noise *find_noise(const struct gate *g, const char *point, const char *metric)
{
    struct gate_noise key = {.point = (char *)point, .metric = (char *)metric};

    return g->noise_count ? bsearch(&key, g->noise, g->noise_count, sizeof key, by_series) : NULL;
}

static int add_noise(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct gate *g = user;
    struct gate_noise *n;

    (void)count;
    (void)e;
    VEC_ROOM(g->noise, g->noise_count, g->noise_capacity);
    n = &g->noise[g->noise_count++];
    *n = (struct gate_noise){.point = mem_copy(c[0].text),
                             .metric = mem_copy(c[1].text),
                             .launches = c[2].number,
                             .noise = c[3].number,
                             /* compared, but nothing up to a factor of 2 was found */
                             .detectable = isnan(c[4].number) && c[5].number > 0 ? INFINITY : c[4].number,
                             .drift = c[6].number,
                             .layout = c[7].number,
                             .layouts = isnan(c[8].number) ? 0 : (int)c[8].number};
    return 0;
}

/* A/A runs and layouts are measured by different commands, maybe under two fingerprints: the newest of each counts. */
#define NEWEST(COLUMNS, HAS)                                                                                           \
    "(SELECT point, metric, " COLUMNS " FROM (SELECT *, row_number() OVER (PARTITION BY point, metric"                 \
    " ORDER BY created DESC, id DESC) AS place FROM noise WHERE machine = ?1 AND scripted = ?2 AND " HAS               \
    ") WHERE place = 1)"

int gate_sight_load(struct gate *g, struct err *e)
{
    const char *const parameters[] = {g->candidate.machine, g->candidate.scripted ? "1" : "0"};

    if (store_query(g->store,
                    "SELECT s.point, s.metric, a.launches / nullif(a.runs, 0), a.noise, a.detectable, a.comparisons,"
                    " a.drift, y.layout, y.layouts FROM (SELECT DISTINCT point, metric FROM noise WHERE machine = ?1"
                    " AND scripted = ?2) s"
                    " LEFT JOIN " NEWEST(
                        "runs, launches, noise, drift, detectable, comparisons",
                        "comparisons > 0") " a"
                                           " ON a.point = s.point AND a.metric = s.metric"
                                           " LEFT JOIN " NEWEST(
                                               "layout, layouts",
                                               "layout IS NOT NULL") " y"
                                                                     " ON y.point = s.point AND y.metric = s.metric",
                    parameters, 2, add_noise, g, e))
        return -1;
    if (g->noise_count)
        qsort(g->noise, g->noise_count, sizeof *g->noise, by_series);
    return 0;
}

void gate_sight_free(struct gate *g)
{
    for (size_t i = 0; i < g->noise_count; i++) {
        free(g->noise[i].point);
        free(g->noise[i].metric);
    }
    free(g->noise);
    free(g->sight);
}

/* The layout's share in a comparison: none where both sides are one program, and none in what is counted. */
static double layout_of(const struct gate_item *item, const struct gate_noise *n)
{
    return n && item->metric->duration && !item->same_program ? n->layout : NAN;
}

double gate_layout_within(const struct gate *g, const struct gate_item *item)
{
    return layout_within(layout_of(item, find_noise(g, item->point->text, item->metric->name)));
}

struct compare_options gate_item_base(const struct gate *g, const struct gate_item *item)
{
    struct compare_options o = gate_compare_options(g);

    for (size_t i = g->options->threshold_count; i-- > 0;) {
        const struct config_threshold *t = &g->options->thresholds[i];

        if (!text_glob(t->points, item->point->text) || !metric_matches(t->metrics, item->metric->name))
            continue;
        o.min_effect = t->min_effect;
        o.min_effect_deterministic = t->min_effect;
        break;
    }
    return o;
}

/* Was the smallest change of this count set by hand? It cannot be set below what the count does by itself. */
static double count_floor(const struct gate *g, const struct compare_options *o)
{
    return o->min_effect_deterministic != gate_compare_options(g).min_effect_deterministic ? o->min_effect_deterministic
                                                                                           : SIGHT_COUNT_FLOOR;
}

struct compare_options gate_item_options(const struct gate *g, const struct gate_item *item, bool in_turns)
{
    const struct gate_noise *n = find_noise(g, item->point->text, item->metric->name);
    struct compare_options o = gate_item_base(g, item);

    if (isfinite(item->apart) && !item->metric->deterministic && !in_turns)
        o.drift = item->apart;
    if (!n)
        return o;
    if (isfinite(n->detectable) && item->metric->deterministic)
        o.min_effect_deterministic = fmax(count_floor(g, &o), n->detectable);
    if (isfinite(n->noise) && !item->metric->deterministic && !in_turns)
        o.min_effect = fmax(o.min_effect, n->noise);
    if (isfinite(n->drift) && !item->metric->deterministic && !in_turns)
        o.drift = fmax(o.drift, n->drift);
    o.min_effect = fmax(o.min_effect, layout_within(layout_of(item, n)));
    return o;
}

double gate_suspect_p(const struct gate *g, const struct gate_item *item)
{
    const struct gate_noise *n = find_noise(g, item->point->text, item->metric->name);

    return n && isfinite(n->drift) ? SIGHT_P_KNOWN : SIGHT_P;
}

static bool is_compared(const struct gate_item *item)
{
    enum compare_verdict v = item->c.verdict;

    return item->old_series && item->new_series && item->baseline && isfinite(item->c.threshold) &&
           (v == COMPARE_SAME || v == COMPARE_SLOWER || v == COMPARE_FASTER || v == COMPARE_AMBIGUOUS);
}

static double fewest_launches(const struct gate_item *item)
{
    size_t old = item->old_series->count, now = item->new_series->count;

    return (double)(old < now ? old : now);
}

static void look_at(const struct gate *g, struct gate_item *item)
{
    const struct gate_noise *n = find_noise(g, item->point->text, item->metric->name);
    bool counted =
        item->metric->deterministic && !text_starts(item->new_series->quality, quality_name(QUALITY_MULTIPLEXED));
    struct power_rule rule = {.compare = gate_item_base(g, item), .largest_p = gate_suspect_p(g, item)};
    double estimate = power_estimate(&item->c, counted, &rule), aa = n ? n->detectable : NAN;
    bool fewer = n && !counted && fewest_launches(item) < n->launches; /* than A/A runs had: they saw more */

    item->detectable = estimate;
    item->detectable_from = isnan(estimate) ? SIGHT_NONE : SIGHT_ESTIMATE;
    if (!isnan(aa) && !(fewer && estimate > aa)) {
        item->detectable = fmax(aa, item->c.threshold);
        item->detectable_from = SIGHT_AA;
    }
    if (item->detectable_from != SIGHT_NONE)
        item->detectable = layout_visible(item->detectable, layout_of(item, n));
}

/* Of metric m, where time comes first: it is what everybody looks for. */
static const struct gate_metric *metric_at(const struct gate *g, size_t m)
{
    size_t time = 0;

    while (time < g->metric_count && strcmp(g->metrics[time].name, "wall.time"))
        time++;
    if (time == g->metric_count || m > time)
        return &g->metrics[m];
    return &g->metrics[m ? m - 1 : time];
}

void gate_sights(const struct gate *g, struct sight *list)
{
    for (size_t m = 0; m < g->metric_count; m++) {
        const struct gate_metric *metric = metric_at(g, m);

        list[m] = (struct sight){.metric = metric->name, .words = metric_words(metric->name)};
        for (size_t i = 0; i < g->item_count; i++) {
            const struct gate_item *item = &g->items[i];

            if (item->metric != metric || item->detectable_from == SIGHT_NONE)
                continue;
            sight_add(&list[m], item->detectable);
            list[m].estimated += item->detectable_from == SIGHT_ESTIMATE;
        }
    }
}

static char *tell(const struct gate *g)
{
    struct sight *list = mem_new(g->metric_count + 1, sizeof *list);
    size_t estimated = 0, all = 0;
    char *sentence, *whole;

    gate_sights(g, list);
    sentence = sight_sentence(list, g->metric_count);
    for (size_t m = 0; m < g->metric_count; m++) {
        estimated += list[m].estimated;
        all += list[m].count;
        sight_free(&list[m]);
    }
    free(list);
    if (!sentence || !estimated)
        return sentence;
    if (estimated < all)
        whole = mem_format("%s (%zu of %zu numbers are estimates; `countermark doctor --aa` measures them)", sentence,
                           estimated, all);
    else
        whole = mem_format("%s (estimated from these launches; `countermark doctor --aa` measures it)", sentence);
    free(sentence);
    return whole;
}

/* Time that moved beyond what counts, but by no more than two layouts of the same code differ by here. */
static void explain_layout(const struct gate *g, struct gate_item *item)
{
    double within = gate_layout_within(g, item), moved = fabs(log(item->c.ratio));
    char change[32], most[32];

    if (item->c.verdict != COMPARE_SAME || !(within > 0) || !(moved > log1p(gate_item_base(g, item).min_effect)) ||
        moved > log1p(within) || !(item->c.low > 1 || item->c.high < 1))
        return;
    gate_reason(item, "%s%s is within what the place of code alone does to this point on this machine (%s)",
                item->confirmed ? "measured again in turns: " : "",
                text_change_words(item->c.ratio, change, sizeof change), text_percent(within, most, sizeof most));
}

void gate_sight(struct gate *g)
{
    for (size_t i = 0; i < g->item_count; i++) {
        struct gate_item *item = &g->items[i];

        item->detectable = NAN;
        item->detectable_from = SIGHT_NONE;
        if (is_compared(item) && item->baseline->run != g->candidate.run)
            look_at(g, item);
        if (item->detectable_from != SIGHT_NONE)
            explain_layout(g, item);
    }
    free(g->sight);
    g->sight = tell(g);
}

const char *gate_sight_words(const struct gate_item *item, char *out, size_t size)
{
    char share[40];

    if (item->detectable_from == SIGHT_NONE)
        snprintf(out, size, "%s", "");
    else
        snprintf(out, size, "%s%s", item->detectable_from == SIGHT_ESTIMATE && item->detectable <= 1 ? "about " : "",
                 sight_share_words(item->detectable, share, sizeof share));
    return out;
}

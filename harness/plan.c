/*
 * From what is asked to the fixed list of launches: points sorted by text, launches in rounds, each round shuffled by the seed,
 * cut into shards by position.
 */
#include "plan.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"
#include "gpu.h"
#include "plan_parts.h"

#include <stdlib.h>
#include <string.h>

int plan_split_sweep(const char *text, char **axis, const char **sweep, struct err *e)
{
    const char *equals = strchr(text, '=');

    if (equals)
        *axis = mem_copy_n(text, (size_t)(equals - text));
    if (equals && equals[1] && text_is_name(*axis)) {
        *sweep = equals + 1;
        return 0;
    }
    if (equals)
        free(*axis);
    return err_set(e, CM_USAGE, "'%s' is no sweep of an axis; write it like size=300,1000 or size=pow2:4K:1M", text);
}

const char *plan_cannot_run(const struct registry_variant *v)
{
    const char *reason = v->missing;

    if (!reason && v->variant->probe)
        reason = v->variant->probe();
    if (!reason && v->variant->device != DEVICE_NONE)
        reason = gpu_reason(v->variant);
    return reason;
}

bool plan_concerns(const struct plan_point *p, const char *text)
{
    char *name = mem_copy_n(text, strcspn(text, ":."));
    const struct registry_collector *c = registry_collector(name);
    bool device = p->variant_row && p->variant_row->variant->device != DEVICE_NONE;

    free(name);
    return !p->anchor && device == (c && c->collector->scope == SCOPE_DEVICE);
}

bool plan_has_variants(const struct plan *p)
{
    for (size_t i = 0; i < p->point_count; i++)
        if (!p->points[i].command && !p->points[i].anchor)
            return true;
    return false;
}

bool plan_has_use(const struct plan *p, const char *collector)
{
    for (size_t i = 0; i < p->point_count; i++)
        if (!p->points[i].unavailable && plan_concerns(&p->points[i], collector))
            return true;
    return false;
}

int plan_combine(const struct plan_axis *axes, size_t count, plan_combination *each, void *user, struct err *e)
{
    struct fact *chosen = mem_new(count + 1, sizeof *chosen);
    size_t *at = mem_new(count + 1, sizeof *at);
    bool more = true;
    int result = 0;

    while (more && !result) {
        for (size_t i = 0; i < count; i++)
            chosen[i] = (struct fact){(char *)axes[i].name, axes[i].values[at[i]]};
        result = each(chosen, user, e);
        more = false;
        for (size_t i = count; i-- && !more;) {
            more = ++at[i] < axes[i].count;
            if (!more)
                at[i] = 0;
        }
    }
    free(chosen);
    free(at);
    return result;
}

/* Is this the axis' default, which an axis added later leaves out of the text? */
static bool left_out(const struct axis *axes, const struct fact *f)
{
    int64_t a, b;

    for (; axes && axes->name; axes++)
        if (axes->added_later && !strcmp(axes->name, f->name))
            return !strcmp(axes->initial, f->value) ||
                   (!text_size(axes->initial, &a) && !text_size(f->value, &b) && a == b);
    return false;
}

char *plan_point_text(const char *kernel, const char *variant, const struct fact *axes, const struct axis *kernel_axes,
                      const struct axis *variant_axes)
{
    struct buf b = {0};
    char separator = ':';

    buf_addf(&b, "%s/%s", kernel, variant);
    for (const struct fact *f = axes; f && f->name; f++) {
        if (left_out(kernel_axes, f) || left_out(variant_axes, f))
            continue;
        buf_addf(&b, "%c%s=%s", separator, f->name, f->value);
        separator = ',';
    }
    return buf_take(&b);
}

static void point_free(struct plan_point *p)
{
    for (struct fact *f = p->axes; f && f->name; f++) {
        free(f->name);
        free(f->value);
    }
    for (char **word = p->command; word && *word; word++)
        free(*word);
    if (p->command)
        free((char *)p->variant);
    free(p->command);
    free(p->verify);
    free(p->axes);
    free(p->text);
    free(p->variant_version);
    free(p->unavailable);
    *p = (struct plan_point){0};
}

int point_list_add(struct point_list *l, struct plan_point *p, struct err *e)
{
    for (size_t i = 0; i < l->count; i++)
        if (!strcmp(l->items[i].text, p->text)) {
            if (l->items[i].cost_s < p->cost_s)
                l->items[i].cost_s = p->cost_s;
            point_free(p);
            return 0;
        }
    if (l->count >= PLAN_MAX_POINTS) {
        point_free(p);
        return err_set(e, CM_USAGE, "the plan has more than %d points; choose fewer with -k, -v and -s",
                       PLAN_MAX_POINTS);
    }
    VEC_ROOM(l->items, l->count, l->capacity);
    l->items[l->count++] = *p;
    return 0;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(((const struct plan_point *)a)->text, ((const struct plan_point *)b)->text);
}

static void copy_list(const struct text_list *from, char ***to, size_t *count)
{
    *to = mem_new(from->count + 1, sizeof **to);
    for (size_t i = 0; i < from->count; i++)
        (*to)[i] = mem_copy(from->items[i]);
    *count = from->count;
}

static void add_launch(struct plan *p, size_t *capacity, size_t point, int number, int round, const char *pass)
{
    VEC_ROOM(p->launches, p->launch_count, *capacity);
    p->launches[p->launch_count++] = (struct plan_launch){point, number, round, pass};
}

static void shuffle(struct plan_launch *x, size_t n, uint64_t *state)
{
    for (size_t i = n; i > 1; i--) {
        size_t j = (size_t)(stats_random(state) % i);
        struct plan_launch t = x[i - 1];

        x[i - 1] = x[j];
        x[j] = t;
    }
}

/* The passes that count a point; returns how many. */
static int passes_of(const struct plan *p, const struct plan_point *point, const char **out)
{
    int n = 0;

    for (size_t i = 0; i < p->pass_count; i++)
        if (plan_concerns(point, p->passes[i]))
            out[n++] = p->passes[i];
    return n;
}

/* Which launch of an anchor this round has, or -1: as many as a verdict needs, spread over the rounds, from the first one on. */
static int anchor_in_round(int round, int rounds)
{
    int before = (round * PLAN_ANCHOR_LAUNCHES + rounds - 1) / rounds;
    int now = ((round + 1) * PLAN_ANCHOR_LAUNCHES + rounds - 1) / rounds;

    return now > before ? before : -1;
}

/* A simulator's launches stand behind the others of their round: whether one is worth it follows from the point's time, and they
 * care nothing about how the machine drifts. */
static void simulators_last(struct plan_launch *x, size_t n)
{
    struct plan_launch *later = mem_new(n + 1, sizeof *later);
    size_t kept = 0, count = 0;

    for (size_t i = 0; i < n; i++)
        if (registry_simulator(x[i].pass))
            later[count++] = x[i];
        else
            x[kept++] = x[i];
    if (count)
        memcpy(x + kept, later, count * sizeof *later);
    free(later);
}

/* Counter launch c of a point is in round c modulo the rounds, so that a cut budget costs time and counters alike. A point that
 * cannot run has one launch, which says why; the list of an anchor does not depend on that. */
static void make_launches(struct plan *p, int time_launches, int counter_launches, uint64_t seed)
{
    const char **passes = mem_new(p->pass_count + 1, sizeof *passes);
    size_t capacity = 0;
    uint64_t state = seed;

    for (int round = 0; round < time_launches; round++) {
        size_t first = p->launch_count;

        for (size_t i = 0; i < p->point_count; i++) {
            int count = passes_of(p, &p->points[i], passes);

            if (p->points[i].unavailable && !p->points[i].anchor) {
                if (!round)
                    add_launch(p, &capacity, i, 0, 0, "");
                continue;
            }
            if (!p->points[i].anchor)
                add_launch(p, &capacity, i, round, round, "");
            else if (anchor_in_round(round, time_launches) >= 0)
                add_launch(p, &capacity, i, anchor_in_round(round, time_launches), round, "");
            for (int c = round; c < count * counter_launches; c += time_launches)
                add_launch(p, &capacity, i, c / count, round, passes[c % count]);
        }
        shuffle(p->launches + first, p->launch_count - first, &state);
        simulators_last(p->launches + first, p->launch_count - first);
    }
    p->round_count = (size_t)time_launches;
    free(passes);
}

static void keep_shard(struct plan *p, int shard, int shards)
{
    size_t kept = 0;

    p->shard_of = p->launch_count;
    for (size_t i = 0; shards > 1 && i < p->launch_count; i++)
        if (i % (size_t)shards == (size_t)shard - 1)
            p->launches[kept++] = p->launches[i];
    if (shards > 1)
        p->launch_count = kept;
}

double plan_launch_guess(const struct plan *p, const struct plan_point *point)
{
    bool device = point->variant_row && point->variant_row->variant->device != DEVICE_NONE;
    double start = device ? 0.5 : point->command ? 0.02 : 0.03; /* process, set-up, storing; a driver's context */
    double once = point->cost_s > 0 ? point->cost_s : 0.1 * p->target_s;
    double target = point->anchor ? PLAN_ANCHOR_TARGET_S : p->target_s;

    if (point->unavailable)
        return 0;
    return start + once + (once > target ? once : target); /* verified once, then measured */
}

static int empty_plan(const struct plan_request *q, const struct plan_text *t, struct err *e)
{
    if (q->kernels || q->variants)
        return err_set(
            e, CM_USAGE, "nothing to do: plan '%s' has no point of %s%s%s%s%s; `--plan default` has every variant",
            t->name, q->kernels ? "kernel " : "", q->kernels ? q->kernels : "", q->kernels && q->variants ? ", " : "",
            q->variants ? "variant " : "", q->variants ? q->variants : "");
    return err_set(e, CM_USAGE, "nothing to do: no variant of this program matches a 'use' line of plan '%s'", t->name);
}

/* Variants have a part unless -k and -v name programs of the plan alone. */
static int points_of_text(const struct plan_request *q, const struct plan_text *t, const struct host *h,
                          struct point_list *points, struct err *e)
{
    if (plan_points_programs(q, t, h, points, e))
        return -1;
    if (!t->use_count || (points->count && plan_check_globs(q, NULL)))
        return 0;
    return plan_points_variants(q, t, h, points, e);
}

int plan_make(const struct plan_request *q, const struct host *h, const struct passes *counters, struct plan *out,
              struct err *e)
{
    struct point_list points = {0};
    struct plan_text t;
    int failed;

    *out = (struct plan){0};
    if (q->shards > 1 && (q->shard < 1 || q->shard > q->shards))
        return err_set(e, CM_USAGE, "there is no shard %d of %d", q->shard, q->shards);
    if (plan_read(q, &t, e))
        return -1;
    failed = q->command ? plan_points_command(q, h, &points, e) : points_of_text(q, &t, h, &points, e);
    if (!failed && !points.count)
        failed = empty_plan(q, &t, e);
    if (!failed && q->anchors && t.launches >= PLAN_ANCHOR_LAUNCHES)
        failed = plan_points_anchors(&points, e);
    out->points = points.items;
    out->point_count = points.count;
    out->name = mem_copy(q->command || q->kernels || q->variants || q->sweep_count ? "custom" : t.name);
    out->target_s = t.target_s;
    out->simulate_s = t.simulate_s > 0 ? t.simulate_s : q->simulate_s;
    if (counters) {
        copy_list(&counters->passes, &out->passes, &out->pass_count);
        copy_list(&counters->missing, &out->missing, &out->missing_count);
    }
    if (failed) {
        plan_free(out);
    } else {
        qsort(out->points, out->point_count, sizeof *out->points, by_text);
        make_launches(out, t.launches, t.counter_launches, q->seed);
        keep_shard(out, q->shard, q->shards);
        for (size_t i = 0; i < out->launch_count; i++)
            out->expected_s += plan_launch_guess(out, &out->points[out->launches[i].point]);
    }
    plan_text_free(&t);
    return failed ? -1 : 0;
}

void plan_free(struct plan *p)
{
    for (size_t i = 0; i < p->point_count; i++)
        point_free(&p->points[i]);
    for (size_t i = 0; i < p->pass_count; i++)
        free(p->passes[i]);
    for (size_t i = 0; i < p->missing_count; i++)
        free(p->missing[i]);
    free(p->points);
    free(p->passes);
    free(p->missing);
    free(p->launches);
    free(p->name);
    *p = (struct plan){0};
}

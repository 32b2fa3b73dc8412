/*
 * The scripted collector. What a script may say is described in fake.h, how it is read in fake_script.c.
 *
 * Noise comes from a hash of what it is for, not from a sequence: a launch that is repeated alone sees the same numbers.
 *
 * As a plain collector, `fake:SCRIPT` answers what the script sets for no point in particular; the worker goes further and
 * applies the script to what the other collectors read.
 */
#include "fake_script.h"

#include "../harness/base/mem.h"
#include "../harness/base/stats.h"
#include "../harness/base/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void fake_each_fact(const struct fake *f, void (*each)(const char *name, const char *value, void *user), void *user)
{
    const char *name;
    json_t *v;

    json_object_foreach(json_object_get(f->root, "facts"), name, v)
    {
        each(name, json_string_value(v), user);
    }
}

static bool inside(struct range r, int n)
{
    return n >= r.low && n <= r.high;
}

bool fake_names(const struct fake *f, const char *kernel)
{
    size_t length = strlen(kernel);

    for (size_t i = 0; f && i < f->rule_count; i++)
        if (f->rules[i].point && !strncmp(f->rules[i].point, kernel, length) && f->rules[i].point[length] == '/')
            return true;
    return false;
}

const char *fake_error(const struct fake *f, const char *point, int launch)
{
    for (size_t i = 0; f && i < f->rule_count; i++) {
        const struct rule *r = &f->rules[i];

        if ((r->keys & KEY_ERROR) && text_glob(r->point, point) && inside(r->launch, launch))
            return r->error;
    }
    return NULL;
}

/* A number of the normal distribution that belongs to exactly this repetition of this metric (Box and Muller). */
static double normal(const struct fake *f, const char *point, int launch, int repetition, const char *metric)
{
    uint64_t state = text_hash(point, strlen(point), f->seed);
    double u, v;

    state = text_hash(metric, strlen(metric), state);
    state = text_hash(&launch, sizeof launch, state);
    state = text_hash(&repetition, sizeof repetition, state);
    u = ((double)(stats_random(&state) >> 11) + 1) / 9007199254740993.0;
    v = (double)(stats_random(&state) >> 11) / 9007199254740992.0;
    return sqrt(-2 * log(u)) * cos(2 * 3.14159265358979323846 * v);
}

/* What the rules say about one metric: of each key the first rule that matches and has it. */
static struct rule collect(const struct fake *f, const char *point, int launch, int repetition, const char *metric)
{
    struct rule sum = {.scale = 1};

    for (size_t i = 0; i < f->rule_count; i++) {
        const struct rule *r = &f->rules[i];
        unsigned fresh = r->keys & ~sum.keys;

        if (!fresh || !text_glob(r->point, point) || !inside(r->launch, launch) || !inside(r->repetition, repetition) ||
            !text_glob(r->metric, metric))
            continue;
        sum.keys |= fresh;
        sum.value = fresh & KEY_VALUE ? r->value : sum.value;
        sum.scale = fresh & KEY_SCALE ? r->scale : sum.scale;
        sum.add = fresh & KEY_ADD ? r->add : sum.add;
        sum.noise = fresh & KEY_NOISE ? r->noise : sum.noise;
        sum.quality = fresh & KEY_QUALITY ? r->quality : sum.quality;
        sum.reason = fresh & KEY_REASON ? r->reason : sum.reason;
    }
    return sum;
}

static void change(const struct fake *f, const char *point, int launch, int repetition, struct reading *r)
{
    struct rule rule = collect(f, point, launch, repetition, r->metric);

    if (rule.keys & KEY_VALUE) {
        r->value = rule.value;
        r->quality = QUALITY_EXACT;
        r->share = 1;
        r->reason[0] = '\0';
    }
    r->value = r->value * rule.scale + rule.add;
    if (rule.noise > 0)
        r->value *= 1 + rule.noise * normal(f, point, launch, repetition, r->metric);
    if (rule.keys & KEY_QUALITY)
        r->quality = rule.quality;
    if (rule.keys & KEY_REASON)
        snprintf(r->reason, sizeof r->reason, "%s", rule.reason);
    if (r->quality == QUALITY_UNAVAILABLE)
        r->value = NAN;
}

/* Adds a reading for each metric that a matching rule sets by its plain name and that is not there yet. */
static size_t invent(const struct fake *f, const char *point, int launch, int repetition, struct reading *readings,
                     size_t count, size_t capacity)
{
    for (size_t i = 0; i < f->rule_count && count < capacity; i++) {
        const struct rule *r = &f->rules[i];
        bool there = false;

        if (!(r->keys & KEY_VALUE) || !r->metric || r->metric[strcspn(r->metric, "*?[,")] ||
            !text_glob(r->point, point) || !inside(r->launch, launch) || !inside(r->repetition, repetition))
            continue;
        for (size_t k = 0; k < count; k++)
            there = there || !strcmp(readings[k].metric, r->metric);
        if (!there)
            readings[count++] = (struct reading){.metric = r->metric, .value = NAN, .share = 1};
    }
    return count;
}

size_t fake_apply(const struct fake *f, const char *point, int launch, int repetition, struct reading *readings,
                  size_t count, size_t capacity)
{
    if (!f)
        return count;
    count = invent(f, point, launch, repetition, readings, count, capacity);
    for (size_t i = 0; i < count; i++)
        change(f, point, launch, repetition, &readings[i]);
    return count;
}

/* The collector: an open script and the number of the region under way. */
struct stage {
    struct fake *script;
    int repetition;
};

static const char *probe(const char **cure)
{
    if (cure)
        *cure = "";
    return NULL;
}

static const struct metric *catalogue(void)
{
    static const struct metric none[] = {{0}};

    return none;
}

static int fake_plan(const char *wanted, struct passes *out, struct err *e)
{
    struct fake *script = fake_load(wanted, e);

    (void)out;
    fake_free(script);
    return script ? 0 : -1;
}

static void *fake_open(const char *events, const struct target *target, struct err *e)
{
    struct fake *script = fake_load(events, e);
    struct stage *s = script ? mem_new(1, sizeof *s) : NULL;

    (void)target;
    if (s)
        *s = (struct stage){script, -1};
    return s;
}

static int fake_start(void *handle)
{
    struct stage *s = handle;

    s->repetition++;
    return 0;
}

static int fake_stop(void *handle)
{
    (void)handle;
    return 0;
}

static size_t fake_read(void *handle, struct reading *out, size_t capacity)
{
    const struct stage *s = handle;

    return fake_apply(s->script, "", 0, s->repetition, out, 0, capacity);
}

static void fake_close(void *handle)
{
    struct stage *s = handle;

    fake_free(s->script);
    free(s);
}

const struct collector collector_fake = {
    .abi = COLLECTOR_ABI,
    .summary = "Scripted values, facts and failures, for tests: fake:SCRIPT.json",
    .scope = SCOPE_PROCESS,
    .claims = CLAIM_NONE,
    .in_time_pass = false,
    .probe = probe,
    .catalogue = catalogue,
    .plan = fake_plan,
    .open = fake_open,
    .start = fake_start,
    .stop = fake_stop,
    .read = fake_read,
    .close = fake_close,
};

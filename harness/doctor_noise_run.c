/* What disturbed the last run, from its samples: the launches for time alone, since only they decide. */
#include "base/file.h"
#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"
#include "doctor_noise.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int take_run(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct last_run *l = user;

    (void)count;
    (void)e;
    l->id = (int64_t)c[0].number;
    l->launches = c[1].number;
    l->isolated = c[2].text ? mem_copy(c[2].text) : NULL;
    return 0;
}

static int take_sum(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct last_run *l = user;
    const char *metric = c[0].text;

    (void)count;
    (void)e;
    if (!strcmp(metric, "wall.time")) {
        l->repetitions = c[1].number;
        l->measured = c[2].number;
        l->marked = c[4].number;
    } else if (!strcmp(metric, "os.steal")) {
        l->steal = c[2].number;
        l->stolen_from = c[3].number;
    } else if (!strcmp(metric, "os.switches_involuntary")) {
        l->switches = c[2].number;
    } else if (!strcmp(metric, "os.faults_major")) {
        l->disk_faults = c[2].number;
    } else if (!strcmp(metric, "os.throttles")) {
        l->throttles = c[2].number;
    }
    return 0;
}

struct values {
    double *items;
    size_t count, capacity;
};

static int take_value(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct values *v = user;

    (void)count;
    (void)e;
    VEC_ROOM(v->items, v->count, v->capacity);
    v->items[v->count++] = c[0].number;
    return 0;
}

#define OF_LAUNCHES                                                                                                    \
    " FROM launch l JOIN sample x ON x.launch = l.id JOIN metric m ON m.id = x.metric JOIN quality q ON q.id ="        \
    " x.quality WHERE l.run = ?1 AND l.pass = '' AND l.status = 'done' AND x.value IS NOT NULL AND m.name "

static int read_samples(struct store *s, struct last_run *l, struct err *e)
{
    char id[24];
    const char *const parameters[] = {id};
    struct values others = {0};

    snprintf(id, sizeof id, "%" PRId64, l->id);
    if (store_query(s,
                    "SELECT m.name, count(*), sum(x.value), sum(x.value > 0), sum(q.text LIKE 'suspect(the "
                    "hypervisor%')" OF_LAUNCHES
                    "IN ('wall.time', 'os.steal', 'os.switches_involuntary', 'os.faults_major',"
                    " 'os.throttles') GROUP BY m.name",
                    parameters, 1, take_sum, l, e) ||
        store_query(s, "SELECT x.value" OF_LAUNCHES "= 'os.others'", parameters, 1, take_value, &others, e)) {
        free(others.items);
        return -1;
    }
    l->others = stats_median(others.items, others.count);
    l->most_others = stats_max(others.items, others.count);
    free(others.items);
    return 0;
}

int last_run_read(struct last_run *l, const char *database, const char *machine, struct err *e)
{
    const char *const parameters[] = {machine};
    struct store *s;
    int failed;

    *l = (struct last_run){.steal = NAN, .switches = NAN, .disk_faults = NAN, .throttles = NAN, .others = NAN};
    if (!file_exists(database))
        return 0;
    if (store_open(&s, database, STORE_READ, e))
        return -1;
    failed = store_query(s,
                         "SELECT r.id, (SELECT count(*) FROM launch l WHERE l.run = r.id AND l.pass = ''"
                         " AND l.status = 'done'), json_extract(v.facts, '$.isolate')"
                         " FROM run r JOIN machine c ON c.id = r.machine JOIN environment v ON v.id = r.environment"
                         " WHERE c.name = ?1 ORDER BY r.started DESC, r.id DESC LIMIT 1",
                         parameters, 1, take_run, l, e);
    if (!failed && l->id)
        failed = read_samples(s, l, e);
    store_close(s);
    return failed;
}

const char *last_run_load(const struct last_run *l, char *out, size_t size)
{
    int n = 0;

    *out = '\0';
    if (!isnan(l->others))
        n = snprintf(out, size, "others kept %.1f CPUs busy (median of its launches; at most %.1f)", l->others,
                     l->most_others);
    if (!isnan(l->switches) && l->repetitions > 0 && n >= 0 && (size_t)n < size)
        snprintf(out + n, size - (size_t)n, "%sthreads were taken off their CPU %.0f times in %.0f repetitions",
                 n ? "; " : "", l->switches, l->repetitions);
    return out;
}

const char *last_run_steal(const struct last_run *l, char *out, size_t size)
{
    *out = '\0';
    if (!isnan(l->steal) && l->measured > 0)
        snprintf(out, size, "%.2g %% of the measured time, in %.0f of %.0f repetitions; %.0f times are marked",
                 100 * l->steal / l->measured, l->stolen_from, l->repetitions, l->marked);
    return out;
}

const char *last_run_swap(const struct last_run *l, char *out, size_t size)
{
    *out = '\0';
    if (!isnan(l->disk_faults))
        snprintf(out, size, "%.0f page faults read a disk", l->disk_faults);
    return out;
}

const char *last_run_heat(const struct last_run *l, char *out, size_t size)
{
    *out = '\0';
    if (!isnan(l->throttles))
        snprintf(out, size, "heat held the CPUs back %.0f times", l->throttles);
    return out;
}

const char *last_run_addresses(const struct last_run *l, char *out, size_t size)
{
    bool fixed = l->isolated && strstr(l->isolated, "aslr") && !strstr(l->isolated, "not aslr");

    *out = '\0';
    if (l->id)
        snprintf(out, size, "%s", fixed ? "addresses were fixed" : "each launch had addresses of its own");
    return out;
}

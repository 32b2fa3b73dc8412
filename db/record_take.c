/* Records into a store: identities are found or created, runs go by their uuid: see record.h. */
#include "record.h"

#include "../harness/base/mem.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { formula_limit = 1000, uuid_limit = 100 };

static const int64_t latest = INT64_C(1) << 40; /* seconds since 1970: no date is later */

/* A run that a record named: new here, or known and maybe to be completed. */
struct taken_run {
    int64_t id;
    bool added, touched, interrupted;
    int64_t finished;
};

struct taker {
    struct store *s;
    struct id_cache ids; /* "machine 3" -> id here; "run UUID" -> index in runs */
    struct taken_run *runs;
    size_t count, capacity;
};

struct taker *taker_new(struct store *s)
{
    struct taker *t = mem_new(1, sizeof *t);

    t->s = s;
    return t;
}

void taker_free(struct taker *t)
{
    if (!t)
        return;
    cache_clear(&t->ids);
    free(t->runs);
    free(t);
}

int taker_note(struct taker *t, const char *text, int64_t *value)
{
    return cache_find(&t->ids, text, value) ? 0 : -1;
}

void taker_keep_note(struct taker *t, const char *text, int64_t value)
{
    cache_add(&t->ids, text, value);
}

struct store *taker_store(struct taker *t)
{
    return t->s;
}

static int remember(struct taker *t, const json_t *r, const char *type, int64_t local, struct err *e)
{
    char key[64];
    int64_t foreign, known;

    if (field_integer(r, "id", 0, INT64_MAX, &foreign, e))
        return -1;
    snprintf(key, sizeof key, "%s %" PRId64, type, foreign);
    if (cache_find(&t->ids, key, &known))
        return err_set(e, CM_INTERNAL, "the %s with id %" PRId64 " comes twice", type, foreign);
    cache_add(&t->ids, key, local);
    return 0;
}

int taker_id(struct taker *t, const char *type, int64_t foreign, int64_t *local, struct err *e)
{
    char key[64];

    snprintf(key, sizeof key, "%s %" PRId64, type, foreign);
    if (cache_find(&t->ids, key, local))
        return 0;
    return err_set(e, CM_INTERNAL, "no %s with id %" PRId64 " came before", type, foreign);
}

static struct taken_run *find_run(struct taker *t, const char *uuid)
{
    char key[uuid_limit + 8];
    int64_t index;

    snprintf(key, sizeof key, "run %s", uuid);
    return cache_find(&t->ids, key, &index) ? &t->runs[index] : NULL;
}

int taker_run(struct taker *t, const char *uuid, int64_t *run, bool *added, struct err *e)
{
    const struct taken_run *found = strlen(uuid) <= uuid_limit ? find_run(t, uuid) : NULL;

    if (!found)
        return err_set(e, CM_INTERNAL, "no run %.100s came before", uuid);
    *run = found->id;
    *added = found->added;
    return 0;
}

void taker_touch(struct taker *t, int64_t run)
{
    size_t i;

    for (i = t->count; i-- > 0;) {
        if (t->runs[i].id == run) {
            t->runs[i].touched = true;
            return;
        }
    }
}

static int take_machine(struct taker *t, const json_t *r, struct err *e)
{
    const char *name, *klass;
    char *facts = NULL;
    int64_t id;
    int result = -1;

    if (!field_name(r, "name", &name, e) && !field_label(r, "class", &klass, e) &&
        !field_facts(r, "facts", &facts, e) && !identity_machine(t->s, name, klass, facts, &id, e))
        result = remember(t, r, "machine", id, e);
    free(facts);
    return result;
}

static int take_environment(struct taker *t, const json_t *r, struct err *e)
{
    const char *fingerprint;
    char *facts = NULL;
    int64_t id;
    int result = -1;

    if (!field_name(r, "fingerprint", &fingerprint, e) && !field_facts(r, "facts", &facts, e) &&
        !identity_environment(t->s, fingerprint, facts, &id, e))
        result = remember(t, r, "environment", id, e);
    free(facts);
    return result;
}

static int take_build(struct taker *t, const json_t *r, struct err *e)
{
    struct build_row b = {0};
    char *facts = NULL;
    int64_t id;
    int result = -1;

    if (!field_label(r, "commit", &b.commit, e) && !field_label(r, "branch", &b.branch, e) &&
        !field_text(r, "subject", &b.subject, e) &&
        !field_integer(r, "commit_time", -latest, latest, &b.commit_time, e) && !field_flag(r, "dirty", &b.dirty, e) &&
        !field_text(r, "compiler", &b.compiler, e) && !field_text(r, "flags", &b.flags, e) &&
        !field_label(r, "binary_hash", &b.binary_hash, e) && !field_facts(r, "facts", &facts, e) &&
        !identity_build(t->s, &b, facts, &id, e))
        result = remember(t, r, "build", id, e);
    free(facts);
    return result;
}

static void free_axes(struct fact *axes)
{
    size_t i;

    for (i = 0; axes && axes[i].name; i++) {
        free(axes[i].name);
        free(axes[i].value);
    }
    free(axes);
}

static int read_axes(const json_t *r, struct fact **axes, struct err *e)
{
    json_t *object = json_object_get(r, "axes"), *value;
    const char *name;
    char *checked;
    size_t n = 0;

    if (field_facts(r, "axes", &checked, e))
        return -1;
    free(checked);
    *axes = mem_new(json_object_size(object) + 1, sizeof **axes);
    json_object_foreach(object, name, value)
    {
        (*axes)[n].name = mem_copy(name);
        (*axes)[n++].value = mem_copy(json_string_value(value));
    }
    return 0;
}

static int take_point(struct taker *t, const json_t *r, struct err *e)
{
    struct point_row p = {0};
    struct fact *axes = NULL;
    int64_t id;
    int result = -1;

    if (!field_name(r, "text", &p.text, e) && !field_name(r, "kernel", &p.kernel, e) &&
        !field_name(r, "variant", &p.variant, e) && !field_label(r, "kernel_version", &p.kernel_version, e) &&
        !field_label(r, "variant_version", &p.variant_version, e) && !field_label(r, "code_hash", &p.code_hash, e) &&
        !field_text(r, "role", &p.role, e) && !read_axes(r, &axes, e)) {
        p.axes = axes;
        if (!store_point(t->s, &p, &id, e))
            result = remember(t, r, "point", id, e);
    }
    free_axes(axes);
    return result;
}

static int take_metric(struct taker *t, const json_t *r, struct err *e)
{
    static const char *const kinds[] = {"duration", "count", "gauge", "derived"};
    static const char *const betters[] = {"lower", "higher", "neither"};
    struct metric m = {0};
    size_t kind, better;

    if (field_name(r, "name", &m.name, e) || field_label(r, "unit", &m.unit, e) ||
        field_word(r, "kind", kinds, 4, &kind, e) || field_word(r, "better", betters, 3, &better, e) ||
        field_flag(r, "deterministic", &m.deterministic, e) || field_text(r, "formula", &m.formula, e) ||
        field_text(r, "meaning", &m.meaning, e))
        return -1;
    if (m.formula && strlen(m.formula) > formula_limit)
        return err_set(e, CM_INTERNAL, "the formula of metric %.100s is too long", m.name);
    m.kind = (enum metric_kind)kind;
    m.better = (enum metric_better)better;
    return metric_take(t->s, &m, e);
}

/* The run of this uuid if it is here already: 1, else 0, or -1. A known uuid with another seed is not the same run. */
static int known_run(struct taker *t, const char *uuid, const char *seed, int64_t *run, struct err *e)
{
    sqlite3_stmt *q = sql_use(t->s, "SELECT id, seed FROM run WHERE uuid = ?1", e);
    int code;

    if (!q)
        return -1;
    sql_bind_text(q, 1, uuid);
    code = sql_step(t->s, q, e, "reading runs");
    if (code != SQL_ROW)
        return code;
    *run = sqlite3_column_int64(q, 0);
    if (strcmp(sql_text(q, 1), seed) != 0)
        code = err_set(e, CM_INTERNAL, "the run %s is known here with another seed: one of the two was changed by hand",
                       uuid);
    sqlite3_reset(q);
    return code;
}

static int seed_of(const char *text, uint64_t *seed, struct err *e)
{
    char canonical[24];

    *seed = strtoull(text, NULL, 10);
    snprintf(canonical, sizeof canonical, "%" PRIu64, *seed);
    return strcmp(canonical, text) ? err_set(e, CM_INTERNAL, "the run has no good 'seed': 64 bits, decimal, are needed")
                                   : 0;
}

static int set_times(struct store *s, int64_t run, int64_t started, struct err *e)
{
    sqlite3_stmt *q = sql_use(s, "UPDATE run SET started = ?2 WHERE id = ?1", e);

    if (!q)
        return -1;
    sqlite3_bind_int64(q, 1, run);
    sqlite3_bind_int64(q, 2, started);
    return sql_do(s, q, e, "storing a run");
}

static int read_run(struct taker *t, const json_t *r, struct run_row *row, int64_t *started, int64_t *finished,
                    size_t *status, struct err *e)
{
    static const char *const words[] = {"running", "complete", "interrupted", "incomplete"};
    const char *seed;
    int64_t machine, environment, build, shard, shards;

    if (field_name(r, "uuid", &row->uuid, e) || field_name(r, "group", &row->group, e) ||
        field_integer(r, "machine", 0, INT64_MAX, &machine, e) ||
        field_integer(r, "environment", 0, INT64_MAX, &environment, e) ||
        field_integer(r, "build", 0, INT64_MAX, &build, e) || field_label(r, "plan", &row->plan, e) ||
        field_text(r, "arguments", &row->arguments, e) || field_name(r, "seed", &seed, e) ||
        seed_of(seed, &row->seed, e) || field_integer(r, "shards", 0, INT32_MAX, &shards, e) ||
        field_integer(r, "shard", 0, shards, &shard, e) || field_flag(r, "scripted", &row->scripted, e) ||
        field_integer(r, "started", 0, latest, started, e) ||
        field_integer_or(r, "finished", 0, latest, 0, finished, e) || field_word(r, "status", words, 4, status, e))
        return -1;
    if (strlen(row->uuid) > uuid_limit)
        return err_set(e, CM_INTERNAL, "the run has no good 'uuid': it is too long");
    row->shard = (int)shard;
    row->shards = (int)shards;
    return taker_id(t, "machine", machine, &row->machine, e) ||
                   taker_id(t, "environment", environment, &row->environment, e) ||
                   taker_id(t, "build", build, &row->build, e)
               ? -1
               : 0;
}

static int take_run(struct taker *t, const json_t *r, struct err *e)
{
    struct run_row row = {0};
    struct taken_run taken = {0};
    char key[uuid_limit + 8];
    int64_t started;
    size_t status;
    int known;

    if (read_run(t, r, &row, &started, &taken.finished, &status, e))
        return -1;
    if (find_run(t, row.uuid))
        return err_set(e, CM_INTERNAL, "the run %s comes twice", row.uuid);
    known = known_run(t, row.uuid, json_string_value(json_object_get(r, "seed")), &taken.id, e);
    if (known < 0)
        return -1;
    taken.added = taken.touched = !known;
    taken.interrupted = status == 2;
    if (!known && (store_run_begin(t->s, &row, NULL, 0, &taken.id, NULL, e) || set_times(t->s, taken.id, started, e)))
        return -1;
    snprintf(key, sizeof key, "run %s", row.uuid);
    cache_add(&t->ids, key, (int64_t)t->count);
    VEC_ROOM(t->runs, t->count, t->capacity);
    t->runs[t->count++] = taken;
    return 0;
}

int taker_take(struct taker *t, const json_t *record, struct err *e)
{
    static const struct {
        const char *type;
        int (*take)(struct taker *t, const json_t *r, struct err *e);
    } kinds[] = {
        {"machine", take_machine}, {"environment", take_environment}, {"build", take_build},
        {"point", take_point},     {"metric", take_metric},           {"run", take_run},
        {"launch", take_launch},   {"decision", take_decision},       {"verdict", take_verdict},
        {"noise", take_noise},     {"calibration", take_calibration}, {"commit", take_commit},
    };
    const char *type = json_string_value(json_object_get(record, "type"));
    size_t i;

    for (i = 0; type && i < sizeof kinds / sizeof *kinds; i++)
        if (!strcmp(type, kinds[i].type))
            return kinds[i].take(t, record, e);
    return err_set(e, CM_INTERNAL, "'%.40s' is no type of record", type ? type : "");
}

int taker_end(struct taker *t, int64_t *runs_added, struct err *e)
{
    size_t i;

    *runs_added = 0;
    for (i = 0; i < t->count; i++) {
        const struct taken_run *r = &t->runs[i];

        if (r->touched && run_settle(t->s, r->id, r->interrupted, r->finished, e))
            return -1;
        *runs_added += r->added;
    }
    return 0;
}

/*
 * Series out of the summaries: see series.h. A point's history is its text, of which every machine code has a row of its own; so all
 * values of one text are gathered from its rows, metric by metric, then put in the order of the home's runs.
 */
#include "series.h"

#include "store_internal.h"

#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <stdlib.h>
#include <string.h>

struct value {
    size_t index;      /* of the home's run */
    int64_t run;       /* two shards may have measured the point: the later one counts */
    const char *whose; /* versions of kernel and variant */
    double value, low, high;
    int launches;
    bool suspect;
};

/* A metric that is wanted, with the values of the text at hand. */
struct wanted {
    int64_t id;
    char *name, *unit;
    enum metric_better better;
    enum metric_kind kind;
    bool deterministic;
    struct value *values;
    size_t count, capacity;
};

/* One identity of the text at hand. */
struct identity {
    int64_t id;
    char *whose;
};

/* A launch was wrong: the point's values of that run stand in no history. */
struct wrong {
    int64_t point, run;
};

/* One series as it is handed over. */
struct columns {
    size_t *run;
    double *value, *low, *high;
    int *launches;
    bool *another, *suspect;
    size_t room;
};

struct reader {
    struct store *s;
    const struct series_home *home;
    struct wanted *metrics; /* by id */
    size_t metric_count, metric_capacity;
    size_t *by_name; /* indices of metrics */
    bool together;   /* most metrics are wanted: one walk over a point instead of one per metric */
    int64_t *doubts; /* qualities that are suspect, by id */
    size_t doubt_count, doubt_capacity;
    int64_t quality; /* the last one that was looked up */
    bool doubted;
    struct wrong *wrong; /* by point, then run */
    size_t wrong_count, wrong_capacity;
    char *text, *kernel, *variant; /* the point at hand */
    struct identity *identities;
    size_t identity_count, identity_capacity;
    struct columns columns;
    series_function *each;
    void *user;
    bool stopped;
};

static int compare_name(const void *a, const void *b, void *user)
{
    const struct wanted *metrics = user;

    return strcmp(metrics[*(const size_t *)a].name, metrics[*(const size_t *)b].name);
}

static void take_metric(struct reader *r, sqlite3_stmt *q)
{
    struct wanted *m;

    VEC_ROOM(r->metrics, r->metric_count, r->metric_capacity);
    m = &r->metrics[r->metric_count++];
    *m = (struct wanted){.id = sqlite3_column_int64(q, 0),
                         .name = mem_copy(sql_text(q, 1)),
                         .unit = mem_copy(sql_text(q, 2)),
                         .deterministic = sqlite3_column_int(q, 5) != 0};
    while (m->kind < METRIC_DERIVED && strcmp(metric_kind_name(m->kind), sql_text(q, 3)) != 0)
        m->kind++;
    while (m->better < BETTER_NEITHER && strcmp(metric_better_name(m->better), sql_text(q, 4)) != 0)
        m->better++;
}

static int read_metrics(struct reader *r, const char *globs, struct err *e)
{
    sqlite3_stmt *q = sql_use(r->s, "SELECT id, name, unit, kind, better, deterministic FROM metric ORDER BY id", e);
    size_t all = 0;
    int code;

    if (!q)
        return -1;
    for (; (code = sql_step(r->s, q, e, "reading metrics")) == SQL_ROW; all++)
        if (text_glob(globs, sql_text(q, 1)))
            take_metric(r, q);
    r->together = 2 * r->metric_count > all;
    r->by_name = mem_new(r->metric_count + 1, sizeof *r->by_name);
    for (size_t i = 0; i < r->metric_count; i++)
        r->by_name[i] = i;
    if (r->metric_count)
        qsort_r(r->by_name, r->metric_count, sizeof *r->by_name, compare_name, r->metrics);
    return code;
}

static int read_doubts(struct reader *r, struct err *e)
{
    sqlite3_stmt *q = sql_use(r->s, "SELECT id FROM quality WHERE text LIKE 'suspect%' ORDER BY id", e);
    int code;

    if (!q)
        return -1;
    while ((code = sql_step(r->s, q, e, "reading qualities")) == SQL_ROW) {
        VEC_ROOM(r->doubts, r->doubt_count, r->doubt_capacity);
        r->doubts[r->doubt_count++] = sqlite3_column_int64(q, 0);
    }
    return code;
}

static int read_wrong(struct reader *r, struct err *e)
{
    sqlite3_stmt *q = sql_use(r->s,
                              "SELECT DISTINCT point, run FROM launch WHERE status = 'wrong' "
                              "AND pass NOT LIKE 'interleaved:%' ORDER BY point, run",
                              e);
    int code;

    if (!q)
        return -1;
    while ((code = sql_step(r->s, q, e, "reading launches")) == SQL_ROW) {
        VEC_ROOM(r->wrong, r->wrong_count, r->wrong_capacity);
        r->wrong[r->wrong_count++] = (struct wrong){sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1)};
    }
    return code;
}

static int compare_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static int compare_wrong(const void *a, const void *b)
{
    const struct wrong *x = a, *y = b;
    int by = compare_id(&x->point, &y->point);

    return by ? by : compare_id(&x->run, &y->run);
}

/* Nearly all rows have the quality of the row before. */
static bool is_doubted(struct reader *r, int64_t quality)
{
    if (quality != r->quality) {
        r->quality = quality;
        r->doubted =
            r->doubt_count && bsearch(&quality, r->doubts, r->doubt_count, sizeof *r->doubts, compare_id) != NULL;
    }
    return r->doubted;
}

static bool is_wrong(const struct reader *r, int64_t point, int64_t run)
{
    struct wrong key = {point, run};

    return r->wrong_count && bsearch(&key, r->wrong, r->wrong_count, sizeof *r->wrong, compare_wrong) != NULL;
}

/* Where we are in two lists that rise like the rows: metrics, and the home's runs. */
struct cursor {
    size_t metric, member;
    int64_t last; /* metric of the row before */
};

/* Columns: metric, run, n, median, low, high, quality. */
static void take_row(struct reader *r, struct cursor *c, const struct identity *whose, sqlite3_stmt *q)
{
    int64_t metric = sqlite3_column_int64(q, 0), run = sqlite3_column_int64(q, 1);
    const struct series_home *home = r->home;
    struct wanted *m;

    if (metric != c->last) {
        c->last = metric;
        c->member = 0;
        while (c->metric < r->metric_count && r->metrics[c->metric].id < metric)
            c->metric++;
    }
    if (c->metric == r->metric_count || r->metrics[c->metric].id != metric)
        return;
    while (c->member < home->member_count && home->members[c->member].run < run)
        c->member++;
    if (c->member == home->member_count || home->members[c->member].run != run || is_wrong(r, whose->id, run))
        return;
    m = &r->metrics[c->metric];
    VEC_ROOM(m->values, m->count, m->capacity);
    m->values[m->count++] = (struct value){.index = home->members[c->member].index,
                                           .run = run,
                                           .whose = whose->whose,
                                           .value = sqlite3_column_double(q, 3),
                                           .low = sqlite3_column_double(q, 4),
                                           .high = sqlite3_column_double(q, 5),
                                           .launches = sqlite3_column_int(q, 2),
                                           .suspect = is_doubted(r, sqlite3_column_int64(q, 6))};
}

static int walk(struct reader *r, struct cursor *c, const struct identity *whose, sqlite3_stmt *q, struct err *e)
{
    int code;

    if (!q)
        return -1;
    while ((code = sql_step(r->s, q, e, "reading series")) == SQL_ROW)
        take_row(r, c, whose, q);
    return code;
}

static int read_identity(struct reader *r, const struct identity *whose, struct err *e)
{
    struct cursor c = {.last = -1};
    sqlite3_stmt *q;

    if (r->together) {
        q = sql_use(r->s,
                    "SELECT metric, run, n, median, low, high, quality FROM summary WHERE point = ?1 "
                    "ORDER BY metric, run",
                    e);
        if (q)
            sqlite3_bind_int64(q, 1, whose->id);
        return walk(r, &c, whose, q, e);
    }
    for (size_t i = 0; i < r->metric_count; i++) {
        q = sql_use(r->s,
                    "SELECT metric, run, n, median, low, high, quality FROM summary WHERE point = ?1 AND metric = ?2 "
                    "ORDER BY run",
                    e);
        if (q) {
            sqlite3_bind_int64(q, 1, whose->id);
            sqlite3_bind_int64(q, 2, r->metrics[i].id);
        }
        if (walk(r, &c, whose, q, e))
            return -1;
    }
    return 0;
}

static int compare_value(const void *a, const void *b)
{
    const struct value *x = a, *y = b;

    if (x->index != y->index)
        return x->index < y->index ? -1 : 1;
    return compare_id(&x->run, &y->run);
}

/* In the order of history, one value per run. */
static void put_in_order(struct wanted *m)
{
    size_t kept = 0;

    for (size_t i = 1; i < m->count; i++) {
        if (m->values[i].index <= m->values[i - 1].index) {
            qsort(m->values, m->count, sizeof *m->values, compare_value);
            break;
        }
    }
    for (size_t i = 0; i < m->count; i++)
        if (i + 1 == m->count || m->values[i + 1].index != m->values[i].index)
            m->values[kept++] = m->values[i];
    m->count = kept;
}

static void make_room(struct columns *c, size_t count)
{
    if (count <= c->room)
        return;
    c->room = count + count / 2;
    c->run = mem_grow(c->run, c->room, sizeof *c->run);
    c->value = mem_grow(c->value, c->room, sizeof *c->value);
    c->low = mem_grow(c->low, c->room, sizeof *c->low);
    c->high = mem_grow(c->high, c->room, sizeof *c->high);
    c->launches = mem_grow(c->launches, c->room, sizeof *c->launches);
    c->another = mem_grow(c->another, c->room, sizeof *c->another);
    c->suspect = mem_grow(c->suspect, c->room, sizeof *c->suspect);
}

static void free_columns(struct columns *c)
{
    free(c->run);
    free(c->value);
    free(c->low);
    free(c->high);
    free(c->launches);
    free(c->another);
    free(c->suspect);
}

/* Answers what the caller's function does. */
static int hand_over(struct reader *r, const struct wanted *m, struct err *e)
{
    struct columns *c = &r->columns;
    struct series series = {.point = r->text,
                            .kernel = r->kernel,
                            .variant = r->variant,
                            .metric = m->name,
                            .unit = m->unit,
                            .better = m->better,
                            .kind = m->kind,
                            .deterministic = m->deterministic,
                            .count = m->count};

    make_room(c, m->count);
    for (size_t i = 0; i < m->count; i++) {
        const struct value *v = &m->values[i];

        c->run[i] = v->index;
        c->value[i] = v->value;
        c->low[i] = v->low;
        c->high[i] = v->high;
        c->launches[i] = v->launches;
        c->another[i] = i > 0 && v->whose != v[-1].whose && strcmp(v->whose, v[-1].whose) != 0;
        c->suspect[i] = v->suspect;
    }
    series.run = c->run;
    series.value = c->value;
    series.low = c->low;
    series.high = c->high;
    series.launches = c->launches;
    series.another = c->another;
    series.suspect = c->suspect;
    return r->each(&series, r->user, e);
}

static void forget_point(struct reader *r)
{
    for (size_t i = 0; i < r->identity_count; i++)
        free(r->identities[i].whose);
    r->identity_count = 0;
    free(r->text);
    free(r->kernel);
    free(r->variant);
    r->text = r->kernel = r->variant = NULL;
}

/* All series of the text at hand. */
static int end_point(struct reader *r, struct err *e)
{
    int result = 0;

    for (size_t i = 0; i < r->metric_count; i++)
        r->metrics[i].count = 0;
    for (size_t i = 0; !result && i < r->identity_count; i++)
        result = read_identity(r, &r->identities[i], e);
    for (size_t i = 0; !result && !r->stopped && i < r->metric_count; i++) {
        struct wanted *m = &r->metrics[r->by_name[i]];

        put_in_order(m);
        r->stopped = m->count && hand_over(r, m, e);
    }
    forget_point(r);
    return r->stopped && e && e->code ? -1 : result;
}

/* "anchor/size*": a list of globs in which one begins with the kernel's whole name. */
static bool names_kernel(const char *globs, const char *kernel)
{
    size_t length = strlen(kernel);

    for (const char *at = globs; at && (at = strstr(at, kernel)); at++)
        if ((at == globs || at[-1] == ',') && at[length] == '/')
            return true;
    return false;
}

/* Columns: id, text, kernel, variant, kernel_version, variant_version, role. */
static int take_point(struct reader *r, const char *globs, sqlite3_stmt *q, struct err *e)
{
    if (r->text && strcmp(r->text, sql_text(q, 1)) != 0 && end_point(r, e))
        return -1;
    if (r->stopped || !text_glob(globs, sql_text(q, 1)) || (*sql_text(q, 6) && !names_kernel(globs, sql_text(q, 2))))
        return 0;
    if (!r->text) {
        r->text = mem_copy(sql_text(q, 1));
        r->kernel = mem_copy(sql_text(q, 2));
        r->variant = mem_copy(sql_text(q, 3));
    }
    VEC_ROOM(r->identities, r->identity_count, r->identity_capacity);
    r->identities[r->identity_count++] =
        (struct identity){sqlite3_column_int64(q, 0), mem_format("%s\n%s", sql_text(q, 4), sql_text(q, 5))};
    return 0;
}

/* What the glob begins with, escapes taken off; *ends: that is all of it. A comma that is not escaped may part several globs. */
static char *plain_part(const char *glob, bool *ends, bool *several)
{
    char *text = mem_copy(glob), *to = text;

    *several = false;
    for (; *glob && !strchr("*?[", *glob); *to++ = *glob++) {
        if (*glob == '\\' && glob[1])
            glob++;
        else
            *several = *several || *glob == ',';
    }
    *to = '\0';
    *ends = !*glob;
    *several = *several || strchr(glob, ',');
    return text;
}

/*
 * Between which texts the globs can match, so that one point of thousands costs no walk over all: a point's own text; what begins
 * like a single glob; else everything.
 */
static int find_bounds(struct store *s, const char *globs, char **first, char **last, struct err *e)
{
    const char *text;
    bool ends, several;
    double found = 0;

    *last = NULL;
    text = *first = plain_part(globs ? globs : "", &ends, &several);
    if (*text && ends) {
        if (store_number(s, "SELECT count(*) FROM point WHERE text = ?1", &text, 1, &found, NULL, e))
            return -1;
        if (found > 0)
            *last = mem_copy(text);
    }
    if (!*last && several)
        **first = '\0';
    if (!*last)
        *last = mem_format("%s\xf4\x8f\xbf\xbf", *first); /* the last character there is */
    return 0;
}

static int walk_points(struct reader *r, const char *globs, const char *first, const char *last, struct err *e)
{
    sqlite3_stmt *q = sql_use(r->s,
                              "SELECT id, text, kernel, variant, kernel_version, variant_version, role FROM point "
                              "WHERE text BETWEEN ?1 AND ?2 ORDER BY text, kernel_version, variant_version, id",
                              e);
    int code = SQL_ERROR;

    if (q) {
        sql_bind_text(q, 1, first);
        sql_bind_text(q, 2, last);
    }
    while (q && !r->stopped && (code = sql_step(r->s, q, e, "reading points")) == SQL_ROW) {
        if (take_point(r, globs, q, e)) {
            sqlite3_reset(q);
            return -1;
        }
    }
    if (r->stopped)
        sqlite3_reset(q);
    else if (code != SQL_ERROR && r->text)
        return end_point(r, e);
    return code == SQL_ERROR ? -1 : 0;
}

static int read_points(struct reader *r, const char *globs, struct err *e)
{
    char *first = NULL, *last = NULL;
    int result = find_bounds(r->s, globs, &first, &last, e);

    if (!result)
        result = walk_points(r, globs, first, last, e);
    free(first);
    free(last);
    return result;
}

static void free_reader(struct reader *r)
{
    for (size_t i = 0; i < r->metric_count; i++) {
        free(r->metrics[i].name);
        free(r->metrics[i].unit);
        free(r->metrics[i].values);
    }
    forget_point(r);
    free_columns(&r->columns);
    free(r->metrics);
    free(r->by_name);
    free(r->doubts);
    free(r->wrong);
    free(r->identities);
}

int series_each(struct store *s, const struct series_home *home, const char *points, const char *metrics,
                series_function *each, void *user, struct err *e)
{
    struct reader r = {.s = s, .home = home, .each = each, .user = user, .quality = -1};
    int result = -1;

    if (!read_metrics(&r, metrics, e) && !read_doubts(&r, e) && !read_wrong(&r, e))
        result = r.metric_count ? read_points(&r, points, e) : 0;
    free_reader(&r);
    return result;
}

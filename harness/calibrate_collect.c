/* From "papi:base,callgrind" to passes and to what cannot be counted; the rows of a calibration, kept and found again. */
#include "../collectors/groups.h"
#include "base/mem.h"
#include "base/text.h"
#include "calibrate_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *calibration_keep(struct calibration *c, char *text)
{
    VEC_ROOM(c->texts, c->text_count, c->text_capacity);
    return c->texts[c->text_count++] = text;
}

struct calibration_row *calibration_row_new(struct calibration *c)
{
    VEC_ROOM(c->rows, c->count, c->capacity);
    c->rows[c->count] = (struct calibration_row){.metric = "",
                                                 .point = "",
                                                 .event = "",
                                                 .expected = NAN,
                                                 .measured = NAN,
                                                 .error = NAN,
                                                 .spread = NAN,
                                                 .overhead = NAN,
                                                 .tolerance = NAN,
                                                 .verdict = "unknown",
                                                 .note = ""};
    return &c->rows[c->count++];
}

void calibration_free(struct calibration *c)
{
    for (size_t i = 0; i < c->text_count; i++)
        free(c->texts[i]);
    free(c->texts);
    free(c->rows);
    *c = (struct calibration){0};
}

/* What is asked of a collector when nobody says: of the GPU's many metrics those of which something is known. */
static char *everything(const char *collector)
{
    size_t count = 0;
    const struct group *groups = groups_all(&count, NULL);
    struct buf b = {0};

    if (!strcmp(collector, "cupti"))
        return mem_copy("gpu_core+gpu_flops");
    for (size_t i = 0; groups && i < count; i++)
        if (!strcmp(groups[i].collector, collector))
            buf_addf(&b, "%s%s", b.length ? "+" : "", groups[i].name);
    return b.length ? buf_take(&b) : mem_copy("");
}

/* A collector that cannot even be asked: each of its counts is missing for that reason. */
static void miss_all(const struct registry_collector *c, const char *reason, struct passes *out)
{
    const struct metric *m = c->collector->catalogue ? c->collector->catalogue() : NULL;

    for (; m && m->name; m++)
        if (m->kind == METRIC_COUNT) {
            char *line = mem_format("%s\t%s", m->name, reason);

            text_list_add(&out->missing, line);
            free(line);
        }
}

static void append(struct text_list *to, const struct text_list *from)
{
    for (size_t i = 0; i < from->count; i++)
        text_list_add(to, from->items[i]);
}

static int plan_one(const struct registry_collector *c, const char *wanted, const struct host *h, const char *cache,
                    struct passes *out, struct err *e)
{
    bool device = c->collector->scope == SCOPE_DEVICE;
    const char *reason = c->missing ? c->missing : c->collector->probe ? c->collector->probe(NULL) : NULL;
    char *all = wanted && *wanted ? mem_copy(wanted) : everything(c->name);
    struct passes found = {0};
    struct err trouble = {0};
    int rc = 0;

    if (device && reason)
        miss_all(c, reason, out);
    else if (!launch_plan_collector(c->name, all, device ? NULL : cache, h->machine_fingerprint, &found, &trouble))
        append(&out->passes, &found.passes), append(&out->missing, &found.missing);
    else if (trouble.code == CM_USAGE || trouble.code == CM_INTERRUPTED)
        rc = err_set(e, (enum exit_code)trouble.code, "%s", trouble.text);
    else
        miss_all(c, trouble.text, out);
    text_list_free(&found.passes);
    text_list_free(&found.missing);
    free(all);
    return rc;
}

static bool has_passes(const struct registry_collector *c)
{
    return !c->collector->in_time_pass && c->collector->plan && strcmp(c->name, "fake");
}

static int plan_word(const char *word, const struct host *h, const char *cache, struct passes *out, struct err *e)
{
    char *name = mem_copy_n(word, strcspn(word, ":")), near[200];
    const char *rest = strchr(word, ':'), *names[64];
    const struct registry_collector *c = registry_collector(name);
    size_t n = 0;
    int rc = 0;

    for (const struct registry_collector *r = registry_collectors; r->name && n < 64; r++)
        names[n++] = r->name;
    if (!c)
        rc = err_set(e, CM_USAGE, "there is no collector '%s'%s; `countermark list collectors` shows them", name,
                     text_near(name, names, n, near, sizeof near));
    else if (has_passes(c))
        rc = plan_one(c, rest ? rest + 1 : NULL, h, cache, out, e);
    free(name);
    return rc;
}

int calibrate_passes(const char *list, const struct host *h, const char *cache, struct passes *out, struct err *e)
{
    size_t count = 0;
    char **words = list ? text_split(list, ',', &count) : NULL;
    int rc = 0;

    *out = (struct passes){0};
    for (const struct registry_collector *c = registry_collectors; !list && c->name && !rc; c++)
        rc = has_passes(c) && strcmp(c->name, "nvml") ? plan_one(c, NULL, h, cache, out, e) : 0;
    for (size_t i = 0; i < count && !rc; i++)
        rc = *words[i] ? plan_word(words[i], h, cache, out, e) : 0;
    free(words);
    return rc;
}

static int take_row(const struct cell *cells, size_t count, void *user, struct err *e)
{
    struct calibration *c = user;
    struct calibration_row *r = calibration_row_new(c);

    (void)count;
    (void)e;
    r->metric = calibration_keep(c, mem_copy(cells[0].text));
    r->point = calibration_keep(c, mem_copy(cells[1].text));
    r->event = calibration_keep(c, mem_copy(cells[2].text));
    r->expected = cells[3].number;
    r->measured = cells[4].number;
    r->error = cells[5].number;
    r->spread = cells[6].number;
    r->overhead = cells[7].number;
    r->tolerance = cells[8].number;
    r->deterministic = cells[9].number > 0;
    r->verdict = calibration_keep(c, mem_copy(cells[10].text));
    r->note = calibration_keep(c, mem_copy(cells[11].text));
    return 0;
}

int calibration_read(struct store *s, const struct host *h, bool scripted, struct calibration *out, struct err *e)
{
    const char *const parameters[] = {h->machine_name, h->machine_fingerprint, scripted ? "1" : "0"};

    *out = (struct calibration){0};
    return store_query(s,
                       "SELECT metric, point, event, expected, measured, error, spread, overhead, tolerance,"
                       " deterministic, verdict, note FROM calibration WHERE machine = ?1 AND fingerprint = ?2"
                       " AND scripted = ?3 ORDER BY metric, point",
                       parameters, 3, take_row, out, e);
}

static bool has_metric(const struct calibration *c, const char *metric)
{
    for (size_t i = 0; i < c->count; i++)
        if (!strcmp(c->rows[i].metric, metric))
            return true;
    return false;
}

int calibration_store(struct store *s, const struct host *h, bool scripted, const struct calibration *c, struct err *e)
{
    const struct trust_home home = {h->machine_name, h->machine_fingerprint, scripted};
    struct calibration before;
    struct calibration_row *all;
    size_t count = c->count;
    int failed = calibration_read(s, h, scripted, &before, e);

    all = mem_new(before.count + c->count + 1, sizeof *all);
    for (size_t i = 0; i < c->count; i++)
        all[i] = c->rows[i];
    for (size_t i = 0; i < before.count; i++)
        if (!has_metric(c, before.rows[i].metric))
            all[count++] = before.rows[i];
    if (!failed)
        failed = store_calibration(s, &home, all, count, e);
    free(all);
    calibration_free(&before);
    return failed;
}

/*
 * How the point of a bisect is launched: its axes as stored, or else as its text says; the pass that counts its metric; of a program of
 * the user the command line that `build: run:` has behind `--`.
 */
#include "../db/ref.h"
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "bisect_parts.h"
#include "registry.h"
#include "run.h"

#include <stdlib.h>
#include <string.h>

static void add_axis(struct bisect *b, size_t *count, const char *name, const char *value)
{
    b->axes = mem_grow(b->axes, *count + 2, sizeof *b->axes);
    b->axes[(*count)++] = (struct fact){mem_copy(name), mem_copy(value)};
    b->axes[*count] = (struct fact){NULL, NULL};
}

/* kernel/variant:axis=v,axis=v; a value may hold commas. */
static int read_point(struct bisect *b, struct err *e)
{
    const char *text = b->q->point, *slash = strchr(text, '/'), *colon = slash ? strchr(slash, ':') : NULL;
    size_t parts = 0, count = 0;
    char **words;

    if (!slash || slash == text || !slash[1] || colon == slash + 1 || strpbrk(text, "*?[\n"))
        return err_set(e, CM_USAGE,
                       "'%.200s' is no point: bisect takes one, as `countermark list points` shows them, such as "
                       "mandelbrot/serial:maxiter=20,size=64",
                       text);
    b->kernel = mem_copy_n(text, (size_t)(slash - text));
    b->variant = colon ? mem_copy_n(slash + 1, (size_t)(colon - slash - 1)) : mem_copy(slash + 1);
    b->axes = mem_new(1, sizeof *b->axes);
    words = text_split(colon ? colon + 1 : "", ',', &parts);
    for (size_t i = 0; i < parts; i++) {
        char *equals = strchr(words[i], '=');

        if (equals) {
            *equals = 0;
            add_axis(b, &count, words[i], equals + 1);
        } else if (count) {
            char *joined = mem_format("%s,%s", b->axes[count - 1].value, words[i]);

            free(b->axes[count - 1].value);
            b->axes[count - 1].value = joined;
        }
    }
    free(words);
    return 0;
}

struct axes {
    struct bisect *b;
    size_t count;
};

static int take_axis(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct axes *a = user;

    (void)count;
    (void)e;
    for (size_t i = 0; i < a->count; i++) {
        if (!strcmp(a->b->axes[i].name, c[0].text))
            return 0; /* the text has it */
    }
    add_axis(a->b, &a->count, c[0].text, c[1].text);
    return 0;
}

static int take_metric(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct bisect *b = user;

    (void)count;
    (void)e;
    b->metric = (struct gate_metric){.name = mem_copy(c[0].text),
                                     .unit = mem_copy(c[1].text),
                                     .deterministic = c[2].number > 0,
                                     .duration = !strcmp(c[3].text, "duration"),
                                     .better = !strcmp(c[4].text, "higher") ? BETTER_HIGHER : BETTER_LOWER};
    b->derived = !strcmp(c[3].text, "derived");
    return 1;
}

struct names {
    char **items;
    size_t count, capacity;
};

static int take_name(const struct cell *c, size_t count, void *user, struct err *e)
{
    struct names *n = user;

    (void)count;
    (void)e;
    VEC_ROOM(n->items, n->count, n->capacity);
    n->items[n->count++] = mem_copy(c[0].text);
    return 0;
}

/* What is stored that looks like `word`; `exact`: it is among it. */
static int look_near(struct store *s, const char *query, const char *word, char *near, size_t size, bool *exact,
                     struct err *e)
{
    struct names n = {0};
    int failed = store_query(s, query, NULL, 0, take_name, &n, e);

    *exact = n.count == 0;
    for (size_t i = 0; i < n.count; i++)
        *exact = *exact || !strcmp(n.items[i], word);
    text_near(word, (const char *const *)n.items, n.count, near, size);
    for (size_t i = 0; i < n.count; i++)
        free(n.items[i]);
    free(n.items);
    return failed;
}

/* A point that was never measured is mostly a slip of the pen: said before anything is built. */
static int look_for_point(struct bisect *b, struct store *s, struct err *e)
{
    char near[600], *variant = mem_format("%s/%s", b->kernel, b->variant);
    bool known, known_variant;
    int failed =
        look_near(s, "SELECT DISTINCT text FROM point WHERE role = ''", b->q->point, near, sizeof near, &known, e);

    if (!failed && !known && !*near) {
        failed = look_near(s, "SELECT DISTINCT kernel || '/' || variant FROM point WHERE role = ''", variant, near,
                           sizeof near, &known_variant, e);
        if (known_variant)
            near[0] = '\0'; /* only its axes are others */
    }
    if (!failed && !known) {
        b->unmeasured = mem_format("no run in %s measured %s%s; those that were stand in `countermark show last`",
                                   b->q->database, b->q->point, near);
        log_warning("%s", b->unmeasured);
    }
    free(variant);
    return failed;
}

/* What the user's database knows of point and metric: axes left out of the text, the pass, the metric's kind. */
static int read_stored(struct bisect *b, struct err *e)
{
    const char *const parameters[] = {b->q->point, b->q->metric};
    struct axes axes = {.b = b};
    struct store *s = NULL;
    int failed;

    if (!file_exists(b->database))
        return 0;
    if (store_open(&s, b->database, STORE_READ, e))
        return -1;
    while (b->axes[axes.count].name)
        axes.count++;
    failed = store_query(s,
                         "SELECT axis, value FROM point_axis WHERE ?2 = ?2 AND point ="
                         " (SELECT max(id) FROM point WHERE text = ?1) ORDER BY axis",
                         parameters, 2, take_axis, &axes, e) ||
             store_query(s, "SELECT name, unit, deterministic, kind, better FROM metric WHERE ?1 = ?1 AND name = ?2",
                         parameters, 2, take_metric, b, e) ||
             store_text(s,
                        "SELECT l.pass FROM planned_launch l JOIN point p ON p.id = l.point"
                        " JOIN launch_summary s ON s.launch = l.id JOIN metric m ON m.id = s.metric"
                        " WHERE p.text = ?1 AND m.name = ?2 AND l.status = 'done' ORDER BY l.id DESC LIMIT 1",
                        parameters, 2, &b->pass, e) ||
             look_for_point(b, s, e);
    store_close(s);
    return failed ? -1 : 0;
}

/* What the collectors themselves say of it. */
static int read_catalogue(struct bisect *b, const struct registry_collector **owner, struct err *e)
{
    const char *names[512];
    char near[300];
    size_t n = 0;

    *owner = NULL;
    for (const struct registry_collector *c = registry_collectors; c->name; c++) {
        for (const struct metric *m = c->collector->catalogue ? c->collector->catalogue() : NULL; m && m->name; m++) {
            if (n < sizeof names / sizeof *names)
                names[n++] = m->name;
            if (strcmp(m->name, b->q->metric))
                continue;
            *owner = c;
            b->derived = b->derived || m->kind == METRIC_DERIVED;
            if (!b->metric.name)
                b->metric = (struct gate_metric){.name = mem_copy(m->name),
                                                 .unit = mem_copy(m->unit),
                                                 .deterministic = m->deterministic,
                                                 .duration = m->kind == METRIC_DURATION,
                                                 .better = m->better};
        }
    }
    if (b->metric.name)
        return 0;
    return err_set(e, CM_USAGE, "there is no metric '%.100s'%s; `countermark list metrics` shows them", b->q->metric,
                   text_near(b->q->metric, names, n, near, sizeof near));
}

static bool counts(const char *pass, const char *event)
{
    const char *colon = strchr(pass, ':');
    size_t parts, length = strlen(event);
    char **words = text_split(colon ? colon + 1 : "", ',', &parts);
    bool found = false;

    for (size_t i = 0; i < parts; i++)
        found = found || (!strncmp(words[i], event, length) && (!words[i][length] || words[i][length] == '='));
    free(words);
    return found;
}

/* The pass that counts it, asked of its collector. */
static int plan_pass(struct bisect *b, const struct registry_collector *owner, struct err *e)
{
    const char *event = strchr(b->q->metric, '.') + 1;
    char *cache = run_cache_folder(b->database);
    struct passes found = {0};
    int failed = launch_plan_collector(owner->name, event, cache, b->host.machine_fingerprint, &found, e);

    for (size_t i = 0; i < found.passes.count && !b->pass && !failed; i++) {
        if (counts(found.passes.items[i], event))
            b->pass = mem_copy(found.passes.items[i]);
    }
    if (!failed && !b->pass) {
        const char *reason = found.missing.count ? strchr(found.missing.items[0], '\t') : NULL;

        failed = err_set(e, CM_NOTHING, "%s cannot be counted here%s%s", b->q->metric, reason ? ": " : "",
                         reason ? reason + 1 : "");
    }
    text_list_free(&found.passes);
    text_list_free(&found.missing);
    free(cache);
    return failed;
}

static int find_pass(struct bisect *b, struct err *e)
{
    const struct registry_collector *owner;

    if (read_catalogue(b, &owner, e))
        return -1;
    if (b->derived)
        return err_set(e, CM_USAGE, "%s is made of other metrics: bisect one of those", b->q->metric);
    if (b->pass)
        return 0;
    if (!owner || owner->collector->in_time_pass || !owner->collector->plan || !strchr(b->q->metric, '.')) {
        b->pass = mem_copy("");
        return 0;
    }
    return plan_pass(b, owner, e);
}

/* The command's words with the point's own values; a point without a value that they need was measured by another command. */
static int fill_command(struct bisect *b, char *const *words, size_t count, struct err *e)
{
    const char *names[64];
    size_t n = 0;

    for (const struct fact *a = b->axes; a->name && n < 64; a++)
        names[n++] = a->name;
    if (plan_check_filled(words, names, n, "`build: run:`: ", e))
        return -1;
    b->command = mem_new(count + 1, sizeof *b->command);
    for (size_t i = 0; i < count; i++)
        b->command[i] = plan_fill(words[i], b->axes);
    return 0;
}

/* The value of "--name VALUE" or "--name=VALUE", or NULL. */
static const char *option(char *const *words, size_t count, size_t at, const char *name)
{
    size_t length = strlen(name);

    if (strncmp(words[at], name, length))
        return NULL;
    if (words[at][length] == '=')
        return words[at] + length + 1;
    return !words[at][length] && at + 1 < count ? words[at + 1] : NULL;
}

static void read_collect(struct bisect *b, const char *list)
{
    size_t parts;
    char **words = text_split(list, ',', &parts);

    for (size_t i = 0; i < parts; i++) {
        if (text_starts(words[i], "fake:") && words[i][5]) {
            free(b->script);
            b->script = mem_copy(words[i] + 5);
        }
    }
    free(words);
}

/* What `build: run:` says of how it is measured. */
static int read_run(struct bisect *b, struct err *e)
{
    size_t count = 0, end = 0;
    int failed = 0;
    char **words = run_unquote(b->q->config->build.run ? b->q->config->build.run : "", &count);

    if (!words)
        return err_set(e, CM_USAGE, "%s: `build: run:` is no command line: a quote is not closed",
                       b->q->config->path ? b->q->config->path : ".countermark.yaml");
    while (end < count && strcmp(words[end], "--"))
        end++;
    for (size_t i = 0; i < end; i++) {
        const char *list = option(words, end, i, "--collect"), *verify = option(words, end, i, "--verify");

        if (list)
            read_collect(b, list);
        if (verify && !b->verify)
            b->verify = mem_copy(verify);
        b->isolate = b->isolate || !strcmp(words[i], "--isolate");
    }
    if (end + 1 < count && !strcmp(b->kernel, "command"))
        failed = fill_command(b, words + end + 1, count - end - 1, e);
    free(words);
    if (failed)
        return -1;
    if (!b->command && !strcmp(b->kernel, "command"))
        return err_set(e, CM_USAGE,
                       "%.200s is a program of yours: say in .countermark.yaml how it is run, as in `build: { run: -- "
                       "./prog --size {size} }`",
                       b->q->point);
    return 0;
}

int bisect_shape(struct bisect *b, struct err *e)
{
    if (read_point(b, e) || read_stored(b, e) || read_run(b, e) || find_pass(b, e))
        return -1;
    b->out->unit = mem_copy(b->metric.unit);
    b->out->scripted = b->script != NULL;
    return 0;
}

void bisect_shape_free(struct bisect *b)
{
    for (struct fact *a = b->axes; a && a->name; a++) {
        free(a->name);
        free(a->value);
    }
    for (char **word = b->command; word && *word; word++)
        free(*word);
    free(b->axes);
    free(b->command);
    free(b->kernel);
    free(b->variant);
    free(b->pass);
    free(b->verify);
    free(b->script);
    free(b->unmeasured);
    free(b->metric.name);
    free(b->metric.unit);
}

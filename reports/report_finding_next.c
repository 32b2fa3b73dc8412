/* What to type next about a finding: to see it again, to find its commit, to decide about it. */
#include "report_history.h"

#include "../harness/base/mem.h"
#include "../harness/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A word as a shell takes it. */
static void add_word(struct buf *b, const char *word)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@%+=:,./-";

    if (*word && strspn(word, plain) == strlen(word)) {
        buf_add(b, word);
        return;
    }
    buf_add(b, "'");
    for (; *word; word++)
        if (*word == '\'')
            buf_add(b, "'\\''");
        else
            buf_add_n(b, word, 1);
    buf_add(b, "'");
}

/* The value of an axis in a point's text, or NULL. */
static const char *value_of(const char *point, const char *axis, size_t axis_length, size_t *length)
{
    for (const char *at = strchr(point, ':'); at; at = strchr(at, ',')) {
        at++;
        if (!strncmp(at, axis, axis_length) && at[axis_length] == '=') {
            *length = strcspn(at + axis_length + 1, ",");
            return at + axis_length + 1;
        }
    }
    return NULL;
}

/* " -s size=64,128": every value that the finding's points have on this axis, once. */
static void add_sweep(struct buf *b, const struct finding *f, const char *axis, size_t axis_length)
{
    struct buf values = {0}, word = {0}, argument = {0};

    buf_add(&values, ",");
    for (size_t i = 0; i < f->series_count; i++) {
        size_t length;
        const char *value = value_of(f->series[i].point, axis, axis_length, &length);

        if (!value)
            continue;
        buf_clear(&word);
        buf_addf(&word, ",%.*s,", (int)length, value);
        if (!strstr(values.text, word.text))
            buf_add(&values, word.text + 1);
    }
    buf_addf(&argument, "%.*s=%.*s", (int)axis_length, axis, (int)(values.length > 2 ? values.length - 2 : 0),
             values.text + 1);
    buf_add(b, " -s ");
    add_word(b, buf_text(&argument));
    buf_free(&values);
    buf_free(&word);
    buf_free(&argument);
}

/* "simd, openmp" as the pattern "simd,openmp". */
static void add_variants(struct buf *b, const char *variants)
{
    struct buf pattern = {0};

    for (; *variants; variants++)
        if (*variants != ' ')
            buf_add_n(&pattern, variants, 1);
    add_word(b, buf_text(&pattern));
    buf_free(&pattern);
}

/* A backfill's own words, where to store and how to be silent, are no part of what was measured. */
static void add_arguments(struct buf *b, const char *arguments)
{
    static const char backfill[] = "countermark run --db ", rest[] = " --progress off --machine ";
    const char *end = strncmp(arguments, backfill, strlen(backfill)) ? NULL : strstr(arguments, rest);

    if (end)
        buf_addf(b, "countermark run%s", end + strlen(" --progress off"));
    else
        buf_add(b, arguments);
}

/* " -k KERNEL -v VARIANT -s ...": its points. */
static void add_selection(struct buf *b, const struct finding *f)
{
    buf_add(b, " -k ");
    add_word(b, f->kernel);
    buf_add(b, " -v ");
    add_variants(b, f->variants ? f->variants : "*");
    for (const char *at = strchr(f->series[0].point, ':'); at; at = strchr(at, ',')) {
        at++;
        add_sweep(b, f, at, strcspn(at, "=,"));
    }
}

/* Programs of the user are run again as the run did it: its own command line. */
static int rerun(struct buf *b, const struct history *h, const struct finding *f, struct err *e)
{
    char id[24], *arguments = NULL;
    const char *parameters[] = {id};
    int result = 0;

    if (strcmp(f->kernel, "command")) {
        buf_add(b, "countermark run");
        add_selection(b, f);
        return 0;
    }
    snprintf(id, sizeof id, "%" PRId64, h->findings.home.runs[f->run].id);
    result = store_text(h->site->store, "SELECT arguments FROM run WHERE id = ?1", parameters, 1, &arguments, e);
    add_arguments(b, arguments ? arguments : "");
    free(arguments);
    return result;
}

/* The same by a tool that is not ours, for a second opinion; no line where {axis} would have to be filled in. Its title. */
static const char *independent(struct buf *b, const struct finding *f, const char *rerun)
{
    const char *metric = f->series[0].metric, *own = strstr(rerun, " -- ");
    bool command = !strcmp(f->kernel, "command"), simulated = text_starts(metric, "callgrind.");
    bool device = text_starts(metric, "cupti.") || text_starts(metric, "device.");

    if (command && (!own || strchr(own, '{')))
        return "";
    if (device)
        buf_add(b, "ncu --target-processes all --metrics gpu__time_duration.sum,smsp__inst_executed.sum ");
    else if (!simulated)
        buf_add(b, "perf stat -e instructions:u,cycles:u,branch-misses:u,cache-misses:u -- ");
    else if (command)
        buf_add(b, "valgrind --tool=callgrind --trace-children=yes --callgrind-out-file=callgrind.%p ");
    if (command) {
        buf_add(b, own + 4);
    } else {
        buf_addf(b, "countermark run --db /tmp/perf.db --collect %s --launches 1", simulated ? "callgrind" : "wall");
        add_selection(b, f);
    }
    return device ? "With ncu:" : simulated ? "With valgrind:" : "With perf:";
}

static void line(struct buf *b, const char *what, const struct buf *command)
{
    if (!command->length)
        return;
    buf_addf(b, "<p>%s</p>\n<pre class=\"command\"><code>", what);
    page_text(b, command->text);
    buf_add(b, "</code></pre>\n");
}

/* The commits on both sides; false where one is not known. */
static bool ends(const struct history *h, const struct finding *f, const char **good, const char **bad)
{
    const struct series_home *home = &h->findings.home;

    *good = home->runs[f->before].commit;
    *bad = home->runs[f->run].commit;
    return *good && *bad && **good && **bad && strcmp(*good, *bad) != 0;
}

static void search(struct buf *b, const struct history *h, const struct finding *f)
{
    struct buf command = {0};
    const char *good, *bad;

    if (f->kind == CHANGE_CREEP || f->kind == CHANGE_MODES || f->commits == 1 || !ends(h, f, &good, &bad))
        return;
    buf_add(&command, "countermark bisect --point ");
    add_word(&command, f->series[0].point);
    buf_add(&command, " --metric ");
    add_word(&command, f->series[0].metric);
    buf_addf(&command, " --good %.12s --bad %.12s", good, bad);
    line(b, "To find the commit:", &command);
    buf_clear(&command);
    buf_addf(&command, "countermark backfill %.12s..%.12s", good, bad);
    line(b, "To measure every commit between:", &command);
    buf_free(&command);
}

static void decide(struct buf *b, const struct history *h, const struct finding *f)
{
    static const char *const ways[][2] = {
        {"accept", "It is meant to be so, and the baseline from now on:"},
        {"ignore", "It is known, and shall not fail the gate until then:"},
    };
    const char *good, *bad;

    if (f->state != FINDING_OPEN || !f->worse || h->undone[f - h->findings.items])
        return;
    for (size_t i = 0; i < 2; i++) {
        struct buf command = {0};
        char *globs = finding_globs(f);

        buf_addf(&command, "countermark %s --points ", ways[i][0]);
        add_word(&command, globs);
        free(globs);
        if (ends(h, f, &good, &bad))
            buf_addf(&command, " --commit %.12s", bad);
        buf_addf(&command, " --reason \"...\"%s", i ? " --until YYYY-MM-DD" : "");
        line(b, ways[i][1], &command);
        buf_free(&command);
    }
}

int history_next_lines(struct buf *b, const struct history *h, const struct finding *f, struct err *e)
{
    const struct series_home *home = &h->findings.home;
    struct buf command = {0}, other = {0};
    const char *title;
    int result = 0;

    if (!f->series_count || f->run >= home->count || f->before >= home->count)
        return 0;
    buf_add(b, "<h2>What to type next</h2>\n");
    result = rerun(&command, h, f, e);
    if (!result) {
        line(b, "To measure it again:", &command);
        title = independent(&other, f, buf_text(&command));
        line(b, title, &other);
        search(b, h, f);
        decide(b, h, f);
    }
    buf_free(&command);
    buf_free(&other);
    return result;
}

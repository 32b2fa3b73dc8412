/* The gate's words: changes, runs, environments, and the command lines with which a finding can be seen again. */
#include "gate_model.h"

#include "base/mem.h"
#include "base/stats.h"
#include "base/text.h"
#include "run.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *gate_run_words(const struct gate_side *side, char *out, size_t size)
{
    const char *local = side->dirty ? " with local changes" : "";
    char words[40];

    snprintf(out, size, "%s%s", side->commit[0] ? "commit " : "",
             text_run(side->commit, local, side->run, words, sizeof words));
    return out;
}

/* The value of the axis that begins at `axis` in a point's text, or NULL. */
static const char *point_value(const char *point, const char *axis, size_t axis_length, size_t *length)
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
static void add_sweep(struct buf *b, const struct gate_finding *f, const char *axis, size_t axis_length)
{
    struct buf values = {0}, word = {0};
    char *argument, *quoted;

    for (size_t i = 0; i < f->point_count; i++) {
        size_t length;
        const char *value = point_value(f->points[i]->text, axis, axis_length, &length);

        if (!value)
            continue;
        buf_clear(&word);
        buf_addf(&word, ",%.*s,", (int)length, value);
        if (!strstr(buf_text(&values), buf_text(&word)))
            buf_add(&values, values.length ? buf_text(&word) + 1 : buf_text(&word));
    }
    argument = mem_format("%.*s=%.*s", (int)axis_length, axis, values.length > 2 ? (int)values.length - 2 : 0,
                          buf_text(&values) + (values.length > 0));
    quoted = run_quote(1, &argument);
    buf_addf(b, " -s %s", quoted);
    free(quoted);
    free(argument);
    buf_free(&values);
    buf_free(&word);
}

static void add_sweeps(struct buf *b, const struct gate_finding *f)
{
    for (const char *at = strchr(f->points[0]->text, ':'); at; at = strchr(at, ',')) {
        at++;
        add_sweep(b, f, at, strcspn(at, "=,"));
    }
}

/* `word` with every {axis} replaced by the point's value; free(). */
static char *filled(const char *word, const char *point)
{
    struct buf b = {0};

    while (*word) {
        size_t name = *word == '{' ? strcspn(word + 1, "}") : 0, length = 0;
        const char *value = name && word[name + 1] ? point_value(point, word + 1, name, &length) : NULL;

        if (value) {
            buf_add_n(&b, value, length);
            word += name + 2;
        } else {
            buf_add_n(&b, word++, 1);
        }
    }
    return b.length ? buf_take(&b) : mem_copy("");
}

/* What stood behind "--" in the run's own command line, quoted, with the axes of `point` filled in unless NULL; or NULL. */
static char *user_command(const struct gate_side *side, const char *point)
{
    size_t count, start = 0;
    char **words = run_unquote(side->arguments, &count), **argv, *quoted;

    while (words && start < count && strcmp(words[start], "--"))
        start++;
    if (!words || start + 1 >= count) {
        free(words);
        return NULL;
    }
    start++;
    argv = mem_new(count - start, sizeof *argv);
    for (size_t i = start; i < count; i++)
        argv[i - start] = point ? filled(words[i], point) : mem_copy(words[i]);
    quoted = run_quote((int)(count - start), argv);
    for (size_t i = start; i < count; i++)
        free(argv[i - start]);
    free(argv);
    free(words);
    return quoted;
}

/* " -k KERNEL -v VARIANT -s ...", or " -s ... -- COMMAND". */
static void add_selection(struct buf *b, const struct gate *g, const struct gate_finding *f)
{
    char *command;

    if (!gate_is_command(f->points[0]))
        buf_addf(b, " -k %s -v %s", f->kernel, f->variant); /* names of C files: nothing to quote */
    add_sweeps(b, f);
    if (!gate_is_command(f->points[0]))
        return;
    command = user_command(&g->candidate, NULL);
    buf_addf(b, " -- %s", command ? command : f->variant);
    free(command);
}

char *gate_rerun_line(const struct gate *g, const struct gate_finding *f)
{
    struct buf b = {0};

    buf_add(&b, "countermark run");
    add_selection(&b, g, f);
    return buf_take(&b);
}

/* Counts of this point come from a simulated CPU: there are no counters that perf could read. */
static bool is_simulated(const struct gate *g, const struct gate_point *point)
{
    return gate_side_series(&g->candidate, point->text, "callgrind.instructions") &&
           !gate_side_series(&g->candidate, point->text, "papi.PAPI_TOT_INS");
}

/* A program of the user is counted whole, as perf does it; a variant is counted with its worker around it. What a GPU computes is
 * counted by NVIDIA's own tool. A worker under valgrind is what our own command starts. */
char *gate_perf_line(const struct gate *g, const struct gate_finding *f)
{
    bool own = gate_is_command(f->points[0]), simulated = is_simulated(g, f->points[0]);
    struct buf b = {0};
    char *command;

    if (gate_is_device(f->points[0]))
        buf_add(&b, "ncu --target-processes all --metrics gpu__time_duration.sum,smsp__inst_executed.sum ");
    else if (!simulated)
        buf_add(&b, "perf stat -e instructions:u,cycles:u,branch-misses:u,cache-misses:u -- ");
    else if (own)
        buf_add(&b, "valgrind --tool=callgrind --trace-children=yes --callgrind-out-file=callgrind.%p ");
    if (own) {
        command = user_command(&g->candidate, f->points[0]->text);
        buf_add(&b, command ? command : f->variant);
        free(command);
    } else {
        buf_addf(&b, "countermark run --db /tmp/perf.db --collect %s --launches 1", simulated ? "callgrind" : "wall");
        add_selection(&b, g, f);
    }
    return buf_take(&b);
}

const char *gate_tool_words(const struct gate_finding *f, char *out, size_t size)
{
    const char *line = f->perf ? f->perf : "perf";

    if (text_starts(line, "countermark "))
        line = "callgrind";
    snprintf(out, size, "%.*s", (int)strcspn(line, " "), line);
    return out;
}

void gate_other_arguments(struct gate_item *item, const struct gate_side *now, const struct gate_side *before)
{
    const char *is = strstr(now->arguments, " -- "), *was = strstr(before->arguments, " -- ");

    if (is && was && strcmp(is, was))
        gate_reason(item,
                    "the command line is `%.200s` and was `%.200s` in run %" PRId64
                    "; with a --name each, two commands have a history each",
                    is + 4, was + 4, before->run);
    else
        gate_reason(item,
                    "the program was started with other arguments (or another --verify) in run %" PRId64
                    "; with a --name each, two commands have a history each",
                    before->run);
}

/* countermark detect: where series of numbers from anywhere change. Nothing is stored, and nothing is asked of the database. */
#include "base/text.h"
#include "cmd.h"
#include "detect.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct detect_options {
    const char *column, *format;
    double min_effect;
    bool counts;
};

#define AT(field) .offset = offsetof(struct detect_options, field)

static const struct option_row rows[] = {
    {"column", 'c', OPTION_TEXT, "NAME", "reads this column of CSV whose first line has the titles", AT(column), NULL},
    {"min-effect", 0, OPTION_SHARE, "SHARE", "smallest step that counts (1%; counts: 0.05%)", AT(min_effect), NULL},
    {"counts", 0, OPTION_FLAG, NULL, "takes the values for counts that repeat exactly but for changes", AT(counts),
     NULL},
    {"format", 0, OPTION_TEXT, "FORMAT", "prints text or one JSON document", AT(format), "text,json"},
    {0},
};

static void print(const struct detect_series *list, size_t count, bool as_json)
{
    struct buf out = {0};
    json_t *all = json_array();

    for (size_t i = 0; i < count; i++) {
        if (as_json)
            json_array_append_new(all, detect_json(&list[i]));
        else
            detect_text(&list[i], &out);
    }
    if (as_json) {
        json_t *document = json_pack("{s:O}", "series", all);

        json_dumpf(document, stdout, JSON_INDENT(1) | JSON_REAL_PRECISION(17));
        putchar('\n');
        json_decref(document);
    } else {
        text_disarm(out.text, true);
        fputs(buf_text(&out), stdout);
    }
    json_decref(all);
    buf_free(&out);
}

static int no_values(const struct option_list *files, size_t missing, struct err *e)
{
    const char *where = files->count > 1                ? "all files"
                        : !strcmp(files->items[0], "-") ? "standard input"
                                                        : files->items[0];

    if (missing)
        return err_set(e, CM_NOTHING, "%s: all values are missing (%zu)", where, missing);
    return err_set(e, CM_NOTHING, "%s: there are no values; detect reads one number a line, or --column NAME of CSV",
                   where);
}

/* 3 if there was no value anywhere: then there is no text, only that. */
static int detect(const struct detect_options *o, const struct option_list *files, struct err *e)
{
    const struct change_options find = {.min_effect = o->min_effect, .deterministic = o->counts};
    struct detect_series *list = calloc(files->count, sizeof *list);
    const bool as_json = o->format && !strcmp(o->format, "json");
    size_t values = 0, missing = 0;
    int failed = 0;

    if (!list)
        return err_set(e, CM_INTERNAL, "there is no memory for %zu files", files->count);
    for (size_t i = 0; i < files->count && !failed; i++) {
        failed = detect_read(&list[i], files->items[i], o->column, e);
        if (!failed)
            changes_find(list[i].values, list[i].n, &find, &list[i].changes);
        list[i].least = changes_least(&find);
        values += list[i].n - list[i].missing;
        missing += list[i].missing;
    }
    if (!failed && (values || as_json))
        print(list, files->count, as_json);
    if (!failed && !values)
        failed = no_values(files, missing, e);
    for (size_t i = 0; i < files->count; i++)
        detect_free(&list[i]);
    free(list);
    return failed;
}

static int check(const struct detect_options *o, const struct option_list *files, struct err *e)
{
    size_t inputs = 0;

    for (size_t i = 0; i < files->count; i++)
        inputs += !strcmp(files->items[i], "-");
    if (inputs > 1)
        return err_set(e, CM_USAGE, "standard input can be read once; '-' was given %zu times", inputs);
    if (o->min_effect < 0)
        return err_set(e, CM_USAGE, "--min-effect takes a share from 0, such as 1%%");
    return 0;
}

static int run(int argc, char **argv, struct err *e)
{
    static const char *const standard_input[] = {"-"};
    struct detect_options o = {0};
    struct option_list files = {0}, input = {(const char **)standard_input, 1, 1};
    int failed = opt_parse(rows, argc, argv, &o, &files, NULL, e);

    if (!failed)
        failed = check(&o, &files, e);
    if (!failed)
        failed = detect(&o, files.count ? &files : &input, e);
    opt_list_free(&files);
    return failed ? e->code : CM_FINE;
}

const struct command command_detect = {
    .summary = "finds where series of numbers from anywhere change",
    .usage = "[FILE | -]...",
    .details =
        "Reads one value a line, or a column of CSV, from files or from standard input. Empty lines and lines that "
        "begin "
        "with # are not counted; nan, NA, null and a CSV's empty field are values that are missing. Whatever else is "
        "no "
        "number is named with its file and line (exit code 2).\n\n"
        "An index counts values from 0 and names the first one of a new level. Steps are found beside spikes, "
        "neighbours that depend on each other, and values in two groups. One to four odd values at the end are "
        "pending: "
        "seen, but too few to be sure. A creep is a slow move whose steps are each too small to be seen. A change of "
        "the "
        "noise, or of how often values fall into the higher of two groups, is named as such.\n\n"
        "JSON: {\"series\": [{\"file\", \"n\", \"missing\", \"change_points\", \"pending\", \"creeps\", "
        "\"spread_changes\", \"modes\"}]}, each of the lists with kind, index, end, before, after, ratio, low and high "
        "(of its 95 % interval) and confidence. change_points has confirmed steps alone. What is unknown is null. The "
        "exit code does not depend on what is found: 0, or 3 without any value.",
    .rows = rows,
    .examples = "countermark detect nightly.txt\n"
                "cut -d, -f3 times.csv | countermark detect\n"
                "countermark detect --column seconds --format json a.csv b.csv",
    .run = run,
};

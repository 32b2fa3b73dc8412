/* countermark db: care for the database: check, merge, export, import. */
#include "base/text.h"
#include "cmd.h"
#include "config.h"
#include "ref_words.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct db_options {
    const char *database, *run;
};

#define AT(field) .offset = offsetof(struct db_options, field)

static const struct option_row rows[] = {
    {"db", 0, OPTION_TEXT, "FILE", "the database to care for (countermark.db)", AT(database), NULL},
    {"run", 0, OPTION_TEXT, "REF", "export: this run alone, with what it refers to", AT(run), NULL},
    {0},
};

static void say(const char *line, void *user)
{
    (void)user;
    printf("%s\n", line);
}

static int count(struct store *s, const char *sql, int64_t *value, struct err *e)
{
    double number;
    bool found;

    if (store_number(s, sql, NULL, 0, &number, &found, e))
        return -1;
    *value = found ? (int64_t)number : 0;
    return 0;
}

static int check(const struct db_options *o, const struct option_list *words, struct err *e)
{
    struct store *s = NULL;
    int64_t runs, launches, samples;
    int result;

    if (words->count > 1)
        return err_set(e, CM_USAGE, "db check takes no operand; name the database with --db FILE");
    result = store_open(&s, o->database, STORE_READ, e);
    if (!result)
        result = store_check(s, say, NULL, e);
    if (!result)
        result = count(s, "SELECT count(*) FROM run", &runs, e) ||
                 count(s, "SELECT count(*) FROM launch", &launches, e) ||
                 count(s, "SELECT count(*) FROM sample", &samples, e);
    if (!result)
        printf("%s is sound: %" PRId64 " run%s, %" PRId64 " launch%s, %" PRId64 " sample%s\n", o->database, runs,
               text_plural(runs, "s"), launches, launches == 1 ? "" : "es", samples, text_plural(samples, "s"));
    store_close(s);
    return result;
}

/* All files, or none of the later ones once one has failed; each is taken whole or not at all. */
static int merge(const struct db_options *o, const struct option_list *words, struct err *e)
{
    struct store *s = NULL;
    int64_t added;
    int result;

    if (words->count < 2)
        return err_set(e, CM_USAGE,
                       "db merge takes the databases to take runs from: countermark db merge OTHER.db --db FILE");
    for (size_t i = 1; i < words->count; i++) {
        if (access(words->items[i], F_OK))
            return err_set(e, CM_USAGE,
                           "there is no %s to take runs from; the database that takes them is named with --db",
                           words->items[i]);
    }
    result = store_open(&s, o->database, STORE_WRITE, e);
    for (size_t i = 1; !result && i < words->count; i++) {
        result = store_merge(s, words->items[i], &added, e);
        if (!result)
            printf("%s: %" PRId64 " new run%s\n", words->items[i], added, text_plural(added, "s"));
    }
    store_close(s);
    return result;
}

static int export(const struct db_options *o, const struct option_list *words, struct err *e)
{
    const char *target = words->count > 1 ? words->items[1] : "-";
    struct store *s = NULL;
    int64_t run = 0;
    int result;

    if (words->count > 2)
        return err_set(e, CM_USAGE, "db export takes one file to write, or - for standard output");
    result = store_open(&s, o->database, STORE_READ, e);
    if (!result && o->run)
        result = ref_find(s, o->run, NULL, NULL, 0, &run, NULL, e);
    if (!result)
        result = store_export(s, target, run, e);
    store_close(s);
    if (!result && strcmp(target, "-"))
        printf("%s\n", target);
    return result;
}

static int import(const struct db_options *o, const struct option_list *words, struct err *e)
{
    struct store *s = NULL;
    int64_t added = 0;
    int result;

    if (words->count != 2)
        return err_set(e, CM_USAGE, "db import takes one file to read, or - for standard input");
    result = store_open(&s, o->database, STORE_WRITE, e);
    if (!result)
        result = store_import(s, words->items[1], &added, e);
    store_close(s);
    if (!result)
        printf("%s: %" PRId64 " new run%s\n", words->items[1], added, text_plural(added, "s"));
    return result;
}

static int call(const struct db_options *o, const struct option_list *words, struct err *e)
{
    static const char *const names[] = {"check", "merge", "export", "import"};
    static int (*const calls[])(const struct db_options *, const struct option_list *, struct err *) = {check, merge,
                                                                                                        export, import};
    char near[200];

    if (!words->count)
        return err_set(e, CM_USAGE, "db needs to know what to do: check, merge, export or import");
    if (o->run && strcmp(words->items[0], "export"))
        return err_set(e, CM_USAGE, "--run belongs to db export");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(words->items[0], names[i]))
            return calls[i](o, words, e);
    return err_set(e, CM_USAGE, "db does not know '%.60s'%s: check, merge, export or import", words->items[0],
                   text_near(words->items[0], names, 4, near, sizeof near));
}

static int run(int argc, char **argv, struct err *e)
{
    struct db_options o = {0};
    struct option_list words = {0};
    struct config c = {0};
    int failed = opt_parse(rows, argc, argv, &o, &words, NULL, e);

    if (!failed)
        failed = config_read(&c, e);
    if (!o.database)
        o.database = c.database ? c.database : "countermark.db";
    if (!failed)
        failed = call(&o, &words, e);
    config_free(&c);
    opt_list_free(&words);
    return failed ? e->code : CM_FINE;
}

const struct command command_db = {
    .summary = "cares for the database: check, merge, export, import",
    .usage = "check | merge FILE... | export [FILE|-] | import FILE|-",
    .details =
        "check: is the file sound, and are the summaries what the samples say? Problems are printed one a line.\n\n"
        "merge: takes the runs of other databases that are not here yet; what is here already is left as it is, so "
        "merging "
        "twice changes nothing. Each file is taken whole or not at all.\n\n"
        "export: writes JSON lines that `import` reads on any machine: a header with the format's version, one record "
        "a line, "
        "and their number at the end. Numbers come back bit by bit.\n\n"
        "import: takes such a file whole or not at all.",
    .rows = rows,
    .examples = "countermark db check\n"
                "countermark db merge shard1.db shard2.db --db all.db\n"
                "countermark db export --run last results.jsonl",
    .run = run,
};

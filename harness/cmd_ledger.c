/* countermark ledger: what people decided, as a list or as a text file that lives in their repository. */
#include "base/text.h"
#include "cmd.h"
#include "config.h"
#include "ledger_file.h"
#include "ledger_list.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ledger_options {
    const char *database, *format;
    bool all;
};

#define AT(field) .offset = offsetof(struct ledger_options, field)

static const struct option_row rows[] = {
    {"all", 0, OPTION_FLAG, NULL, "shows and exports first baselines, too, which check stored by itself", AT(all),
     NULL},
    {"db", 0, OPTION_TEXT, "FILE", "means this database (countermark.db)", AT(database), NULL},
    {"format", 0, OPTION_TEXT, "FORMAT", "prints the list as text or as one JSON document", AT(format), "text,json"},
    {0},
};

static int list(const struct ledger_options *o, const char *database, struct err *e)
{
    struct buf out = {0};
    struct ledger l = {0};
    struct store *s = NULL;
    bool json = o->format && !strcmp(o->format, "json");
    int failed = store_open(&s, database, STORE_READ, e) || ledger_load(s, &l, e);

    if (!failed) {
        (json ? ledger_list_json : ledger_list_text)(&l, o->all, &out);
        if (!json)
            text_disarm(out.text, true);
        fputs(buf_text(&out), stdout);
    }
    ledger_free(&l);
    buf_free(&out);
    store_close(s);
    return failed;
}

static int export(const struct ledger_options *o, const char *database, const char *file, struct err *e)
{
    struct store *s = NULL;
    struct buf text = {0};
    size_t count = 0;
    int failed = store_open(&s, database, STORE_READ, e) || ledger_file_write(s, file, o->all, &text, &count, e);

    if (!failed && !strcmp(file, "-"))
        fputs(buf_text(&text), stdout);
    else if (!failed)
        printf("%s: %zu decision%s\n", file, count, count == 1 ? "" : "s");
    buf_free(&text);
    store_close(s);
    return failed;
}

static int import(const char *database, const char *file, struct err *e)
{
    struct ledger_texts texts = {0};
    struct store *s = NULL;
    size_t added = 0, removed, lost = 0;
    int failed =
        store_open(&s, database, STORE_UPDATE, e) || ledger_file_take(s, file, false, &added, &removed, &texts, e);

    for (size_t i = 0; i < texts.count; i++)
        lost += texts.items[i].lost;
    if (!failed) {
        printf("%zu new decision%s of %zu", added, added == 1 ? "" : "s", texts.count);
        if (lost)
            printf("; %zu accept%s what this database has no complete run of", lost, lost == 1 ? "s" : "");
        printf("\n");
    }
    ledger_texts_free(&texts);
    store_close(s);
    return failed;
}

static int take_back(const char *database, const char *word, struct err *e)
{
    size_t digits = strspn(word, "0123456789");
    struct store *s = NULL;
    int failed;

    if (!digits || digits > 18 || word[digits])
        return err_set(e, CM_USAGE, "'%.40s' is no number of a decision; see: countermark ledger", word);
    failed = store_open(&s, database, STORE_UPDATE, e) || ledger_remove(s, strtoll(word, NULL, 10), e);
    if (!failed)
        printf("decision %s is taken back\n", word);
    store_close(s);
    return failed;
}

static int act(const struct ledger_options *o, const struct config *c, const struct option_list *operands,
               struct err *e)
{
    const char *database = o->database ? o->database : c->database ? c->database : "countermark.db";
    const char *verb = operands->count ? operands->items[0] : NULL,
               *word = operands->count > 1 ? operands->items[1] : NULL;

    if (!verb)
        return list(o, database, e);
    if (operands->count > 2)
        return err_set(e, CM_USAGE, "ledger %.40s takes one operand, not %zu", verb, operands->count - 1);
    if (!strcmp(verb, "export"))
        return export(o, database, word ? word : c->ledger ? c->ledger : "-", e);
    if (!strcmp(verb, "import")) {
        if (!word && !c->ledger)
            return err_set(e, CM_USAGE, "ledger import needs a FILE, or - for standard input");
        return import(database, word ? word : c->ledger, e);
    }
    if (!strcmp(verb, "remove") && word)
        return take_back(database, word, e);
    return err_set(e, CM_USAGE,
                   "ledger lists what was decided; it also takes: export [FILE], import [FILE], remove NUMBER");
}

static int run(int argc, char **argv, struct err *e)
{
    struct ledger_options o = {0};
    struct option_list operands = {0};
    struct config c = {0};
    int failed = opt_parse(rows, argc, argv, &o, &operands, NULL, e) || config_read(&c, e) || act(&o, &c, &operands, e);

    config_free(&c);
    opt_list_free(&operands);
    return failed ? e->code : CM_FINE;
}

const struct command command_ledger = {
    .summary = "lists what people decided about findings; carries it to and from a text file",
    .usage = "[export [FILE]|import [FILE]|remove NUMBER]",
    .details =
        "Decisions are made by accept, ignore and note. export writes them as YAML, for the repository whose programs "
        "are "
        "measured; what the file holds for other databases stays in it. import takes what is new in it, and changes "
        "nothing "
        "the second time. FILE is - for standard input or output; without it the file that .countermark.yaml names "
        "(ledger: FILE) is meant, which check and nightly follow by themselves: what is taken out of it has ended.",
    .rows = rows,
    .examples = "countermark ledger\n"
                "countermark ledger export ledger.yaml\n"
                "countermark ledger import ledger.yaml\n"
                "countermark ledger remove 7",
    .run = run,
};

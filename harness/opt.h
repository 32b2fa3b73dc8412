/*
 * Options as rows: parsing, --help and the man page come from the same table.
 *
 * A command declares `static const struct option_row rows[]` ended by a row with a NULL name. Values land in the struct that the
 * command hands over, at `offset`. "--name VALUE", "--name=VALUE", "-x VALUE" and "-xVALUE" are understood; "--" ends options.
 */
#ifndef HARNESS_OPT_H
#define HARNESS_OPT_H

#include "base/err.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum option_type {
    OPTION_FLAG,     /* bool */
    OPTION_TEXT,     /* const char * */
    OPTION_LIST,     /* struct option_list: may be given several times */
    OPTION_INTEGER,  /* int64_t */
    OPTION_DURATION, /* double, seconds: 90s 20m 2h */
    OPTION_SHARE,    /* double: 1% or 0.01 */
};

struct option_list {
    const char **items;
    size_t count, capacity;
};

struct option_row {
    const char *name; /* long name without dashes */
    char letter;      /* or 0 */
    enum option_type type;
    const char *value;   /* what the value is called in help: "GLOB"; NULL for flags */
    const char *help;    /* one sentence, no full stop */
    size_t offset;       /* offsetof(struct xyz_options, field) */
    const char *choices; /* comma-separated allowed values, or NULL */
};

/* Fills `target` (zeroed or with defaults beforehand). Operands (what is no option) go to `operands`; everything behind "--" goes to
 * `rest` (NULL if the command takes none). Unknown options name the nearest. 0 or -1 (CM_USAGE). */
int opt_parse(const struct option_row *rows, int argc, char **argv, void *target, struct option_list *operands,
              char ***rest, struct err *e);
void opt_list_free(struct option_list *l);
/* The items with commas between them, as globs of several -k are alternatives; free(). NULL for none. */
char *opt_list_join(const struct option_list *l);

/* A number's preset where somebody may type any, -1 too. */
#define NOT_GIVEN INT64_MIN

/* What --launches and --machine take, wherever they stand: 0, or -1 with the sentence. NOT_GIVEN and NULL are fine. */
int opt_check_launches(int64_t launches, struct err *e);
/* --name, for a command behind '--' alone. */
int opt_check_name(const char *name, bool has_command, struct err *e);
int opt_check_machine(const char *machine, struct err *e);

#endif

/*
 * Parses a command line by option rows. Every mistake is one sentence that names the word as it was typed; an unknown option
 * names those that look like it.
 */
#include "opt.h"
#include "base/buf.h"
#include "base/mem.h"
#include "base/text.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One option as it was typed. */
struct given {
    const struct option_row *row;
    char shown[64];    /* "--kernels" or "-k" */
    const char *value; /* what stood behind "=" or the letter, or NULL */
};

static void list_add(struct option_list *l, const char *item)
{
    VEC_ROOM(l->items, l->count, l->capacity);
    l->items[l->count++] = item;
}

void opt_list_free(struct option_list *l)
{
    free(l->items);
    *l = (struct option_list){0};
}

char *opt_list_join(const struct option_list *l)
{
    struct buf b = {0};

    for (size_t i = 0; i < l->count; i++)
        buf_addf(&b, "%s%s", i ? "," : "", l->items[i]);
    return l->count ? buf_take(&b) : NULL;
}

static bool is_choice(const char *choices, const char *value)
{
    size_t length = strlen(value);

    for (const char *c = choices; *c; c += strcspn(c, ","), c += *c == ',')
        if (strcspn(c, ",") == length && !strncmp(c, value, length))
            return true;
    return false;
}

static int set_integer(int64_t *target, const char *value)
{
    char *end;

    errno = 0;
    *target = strtoll(value, &end, 10);
    return errno || end == value || *end ? -1 : 0;
}

static int not_a_choice(const struct given *g, const char *value, struct err *e)
{
    char list[300];
    size_t used = 0;

    for (const char *c = g->row->choices; *c && used + 3 < sizeof list; c++) {
        list[used++] = *c;
        if (*c == ',')
            list[used++] = ' ';
    }
    list[used] = '\0';
    return err_set(e, CM_USAGE, "%s takes one of %s, not \"%s\"", g->shown, list, value);
}

/* What a value must look like, for the sentence about one that does not. */
static const char *expected(enum option_type type)
{
    switch (type) {
    case OPTION_INTEGER: return "a whole number";
    case OPTION_DURATION: return "a time such as 90s, 20m or 2h";
    case OPTION_SHARE: return "a share such as 1% or 0.01";
    default: return "a value";
    }
}

static int set_value(const struct given *g, const char *value, void *target, struct err *e)
{
    void *field = (char *)target + g->row->offset;
    int bad = 0;

    if (g->row->choices && !is_choice(g->row->choices, value))
        return not_a_choice(g, value, e);
    switch (g->row->type) {
    case OPTION_FLAG: *(bool *)field = true; break;
    case OPTION_TEXT: *(const char **)field = value; break;
    case OPTION_LIST: list_add(field, value); break;
    case OPTION_INTEGER: bad = set_integer(field, value); break;
    case OPTION_DURATION: bad = text_duration(value, field); break;
    case OPTION_SHARE: bad = text_share(value, field); break;
    }
    if (bad)
        return err_set(e, CM_USAGE, "%s takes %s, not \"%s\"", g->shown, expected(g->row->type), value);
    return 0;
}

static int unknown(const struct option_row *rows, const char *word, const char *command, struct err *e)
{
    const char **names = NULL;
    size_t count = 0, capacity = 0;
    char near[200], name[64];

    for (const struct option_row *r = rows; r && r->name; r++) {
        VEC_ROOM(names, count, capacity);
        names[count++] = mem_format("--%s", r->name);
    }
    snprintf(name, sizeof name, "%.*s", (int)strcspn(word, "="), word);
    err_set(e, CM_USAGE, "there is no option %s%s; see countermark %s --help", name,
            text_near(name, names, count, near, sizeof near), command);
    for (size_t i = 0; i < count; i++)
        free((char *)names[i]);
    free(names);
    return -1;
}

/* "--name" or "--name=VALUE". */
static int find_long(const struct option_row *rows, const char *word, const char *command, struct given *g,
                     struct err *e)
{
    size_t length = strcspn(word + 2, "=");

    for (const struct option_row *r = rows; r && r->name; r++) {
        if (strlen(r->name) != length || strncmp(r->name, word + 2, length))
            continue;
        g->row = r;
        g->value = word[2 + length] ? word + 2 + length + 1 : NULL;
        snprintf(g->shown, sizeof g->shown, "--%s", r->name);
        if (r->type == OPTION_FLAG && g->value)
            return err_set(e, CM_USAGE, "%s takes no value", g->shown);
        return 0;
    }
    return unknown(rows, word, command, e);
}

/* "-x", "-xVALUE"; flags may stand together: "-ab". `letters` points at the letter and is moved behind what was used. */
static int find_letter(const struct option_row *rows, const char **letters, const char *command, struct given *g,
                       struct err *e)
{
    char letter = **letters;

    snprintf(g->shown, sizeof g->shown, "-%c", letter);
    for (const struct option_row *r = rows; r && r->name; r++) {
        if (!r->letter || r->letter != letter)
            continue;
        g->row = r;
        g->value = NULL;
        *letters += 1;
        if (r->type != OPTION_FLAG) {
            g->value = **letters ? *letters : NULL;
            *letters += strlen(*letters);
        }
        return 0;
    }
    return unknown(rows, g->shown, command, e);
}

/* Takes the value from the next word if the option needs one that did not come with it. */
static int finish(const struct given *g, int argc, char **argv, int *i, void *target, struct err *e)
{
    const char *value = g->value;

    if (g->row->type != OPTION_FLAG && !value) {
        if (*i + 1 >= argc || !strcmp(argv[*i + 1], "--"))
            return err_set(e, CM_USAGE, "%s needs %s: %s %s", g->shown, expected(g->row->type), g->shown,
                           g->row->value ? g->row->value : "VALUE");
        value = argv[++*i];
    }
    return set_value(g, value ? value : "", target, e);
}

static int parse_option(const struct option_row *rows, int argc, char **argv, int *i, void *target, struct err *e)
{
    struct given g = {0};
    const char *letters = argv[*i] + 1;

    if (argv[*i][1] == '-') {
        if (find_long(rows, argv[*i], argv[0], &g, e))
            return -1;
        return finish(&g, argc, argv, i, target, e);
    }
    while (*letters)
        if (find_letter(rows, &letters, argv[0], &g, e) || finish(&g, argc, argv, i, target, e))
            return -1;
    return 0;
}

int opt_parse(const struct option_row *rows, int argc, char **argv, void *target, struct option_list *operands,
              char ***rest, struct err *e)
{
    bool options = true;

    if (rest)
        *rest = NULL;
    for (int i = 1; i < argc; i++) {
        if (options && !strcmp(argv[i], "--")) {
            if (rest) {
                *rest = argv + i + 1;
                return 0;
            }
            options = false;
        } else if (options && argv[i][0] == '-' && argv[i][1]) {
            if (parse_option(rows, argc, argv, &i, target, e))
                return -1;
        } else if (operands) {
            list_add(operands, argv[i]);
        } else {
            return err_set(e, CM_USAGE, "%s takes no \"%s\"; see countermark %s --help", argv[0], argv[i], argv[0]);
        }
    }
    return 0;
}

int opt_check_launches(int64_t launches, struct err *e)
{
    if (launches == NOT_GIVEN || (launches >= 1 && launches <= 10000))
        return 0;
    return err_set(e, CM_USAGE, "--launches takes a number from 1 to 10000");
}

int opt_check_machine(const char *machine, struct err *e)
{
    if (!machine || text_is_name(machine))
        return 0;
    return err_set(e, CM_USAGE, "--machine takes a name of letters, digits, '.', '_' and '-', not \"%s\"", machine);
}

int opt_check_name(const char *name, bool has_command, struct err *e)
{
    if (name && !has_command)
        return err_set(e, CM_USAGE, "--name is for a command behind '--'; variants have names");
    if (!name || text_is_name(name))
        return 0;
    return err_set(e, CM_USAGE, "--name takes a name of letters, digits, '.', '_' and '-', not \"%s\"", name);
}

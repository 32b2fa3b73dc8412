/* countermark help: what the commands are and what they take; also behind --help and --version. */
#include "base/text.h"
#include "help.h"

#include <stdio.h>

struct help_options {
    bool man, version;
};

static const struct option_row rows[] = {
    {.name = "man",
     .type = OPTION_FLAG,
     .help = "prints the manual page, in roff",
     .offset = offsetof(struct help_options, man)},
    {.name = "version",
     .type = OPTION_FLAG,
     .help = "prints the version and how the program was built",
     .offset = offsetof(struct help_options, version)},
    {0},
};

static int unknown_command(const char *name, struct err *e)
{
    const char *names[64];
    char near[200];
    size_t count = 0;

    for (const struct registry_command *c = registry_commands; c->name && count < 64; c++)
        if (!c->command->hidden)
            names[count++] = c->name;
    err_set(e, CM_USAGE, "there is no command %s%s; see countermark help", name,
            text_near(name, names, count, near, sizeof near));
    return CM_USAGE;
}

static int build(struct buf *b, const struct help_options *o, const struct option_list *operands, struct err *e)
{
    const struct registry_command *c;

    if (o->version) {
        buf_addf(b, "countermark %s\n%s\n%s\n", registry_version, registry_compiler, registry_flags);
    } else if (o->man) {
        help_man(b);
    } else if (!operands->count) {
        help_overview(b);
    } else if (operands->count > 1) {
        return err_set(e, CM_USAGE, "help takes one command, not %zu", operands->count);
    } else if (help_topic(b, operands->items[0])) {
        return 0;
    } else if (!(c = registry_command(operands->items[0]))) {
        return unknown_command(operands->items[0], e);
    } else {
        help_command(b, c);
    }
    return 0;
}

static int run(int argc, char **argv, struct err *e)
{
    struct help_options o = {0};
    struct option_list operands = {0};
    struct buf text = {0};
    int result;

    result = opt_parse(rows, argc, argv, &o, &operands, NULL, e);
    if (!result)
        result = build(&text, &o, &operands, e);
    fputs(buf_text(&text), stdout);
    buf_free(&text);
    opt_list_free(&operands);
    return result ? e->code : CM_FINE;
}

const struct command command_help = {
    .summary = "shows the commands, what one of them takes, or what settings and plans may say",
    .usage = "[COMMAND | config | plans]",
    .rows = rows,
    .run = run,
};

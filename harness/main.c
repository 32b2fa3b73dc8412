/* Finds the command, calls it, and says what went wrong. Everything else is a command's work. */
#include "base/text.h"
#include "registry.h"

#include <stdio.h>
#include <string.h>

static int unknown_command(const char *name, struct err *e)
{
    const char *names[64], *shown;
    char near[200];
    size_t count = 0;

    for (const struct registry_command *c = registry_commands; c->name && count < 64; c++)
        if (!c->command->hidden)
            names[count++] = c->name;
    shown = text_near(name, names, count, near, sizeof near);
    err_set(e, CM_USAGE, "there is no command %s%s; see countermark help", name, shown);
    return CM_USAGE;
}

/* Whether --help stands among the words that belong to countermark: what follows "--" is somebody else's. */
static bool wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
        if (!strcmp(argv[i], "--help"))
            return true;
    return false;
}

static int call(int argc, char **argv, struct err *e)
{
    const struct registry_command *help = registry_command("help"), *c;
    char name[] = "help", *words[] = {name, argv[0], NULL};

    if (argc == 0) {
        help->command->run(1, words, e);
        return CM_USAGE;
    }
    /* "countermark --help", "--version" and "--man" are options of help. */
    if (argv[0][0] == '-') {
        argv[0] = strcmp(argv[0], "-h") ? argv[0] : name;
        if (!strcmp(argv[0], "--help") || argv[0] == name)
            return help->command->run(1, words, e);
        return help->command->run(2, words, e);
    }
    c = registry_command(argv[0]);
    if (!c)
        return unknown_command(argv[0], e);
    if (wants_help(argc, argv))
        return help->command->run(2, words, e);
    return c->command->run(argc, argv, e);
}

int main(int argc, char **argv)
{
    struct err e = {0};
    int code = call(argc - 1, argv + 1, &e);

    if ((fflush(stdout) || ferror(stdout)) && !e.code)
        err_set(&e, CM_INTERNAL, "the results could not be written to standard output: is the disk full?");
    if (e.code) {
        fprintf(stderr, "countermark: %s\n", e.text);
        code = code < 0 ? e.code : exit_worst(code, e.code);
    }
    return code < 0 ? CM_INTERNAL : code;
}

/* Finds the command, calls it, and says what went wrong. Everything else is a command's work. */
#include "base/text.h"
#include "registry.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

/* Whether --help or -h stands among the words that belong to countermark: what follows "--" is somebody else's. */
static bool wants_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h"))
            return true;
    return false;
}

static int call(int argc, char **argv, struct err *e)
{
    const struct command *help = registry_command("help")->command;
    const struct registry_command *c;
    char name[] = "help", *words[] = {name, argc ? argv[0] : NULL, NULL};

    if (argc == 0) {
        help->run(1, words, e);
        return CM_USAGE;
    }
    if (!strcmp(argv[0], "--help") || !strcmp(argv[0], "-h"))
        return help->run(1, words, e);
    c = registry_command(argv[0]);
    /* "--version" is an option of help; and help says it when a command is not there. */
    if (!c || wants_help(argc, argv))
        return help->run(2, words, e);
    return c->command->run(argc, argv, e);
}

int main(int argc, char **argv)
{
    struct err e = {0};
    int code;

    /* A file at its size limit is an error with a sentence, like a full disk. Launched processes have the default again. */
    signal(SIGXFSZ, SIG_IGN);
    code = call(argc - 1, argv + 1, &e);

    if ((fflush(stdout) || ferror(stdout)) && !e.code)
        err_set(&e, CM_INTERNAL, "the results could not be written to standard output: is the disk full?");
    if (e.code) {
        text_disarm(e.text, false); /* it may quote what somebody stored */
        fprintf(stderr, "countermark: %s\n", e.text);
        code = code < 0 ? e.code : exit_worst(code, e.code);
    }
    return code < 0 ? CM_INTERNAL : code;
}

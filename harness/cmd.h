/* A command of the program: harness/cmd_NAME.c defines `const struct command command_NAME` ('-' in names is '_' in files). */
#ifndef HARNESS_CMD_H
#define HARNESS_CMD_H

#include "opt.h"

struct command {
    const char *summary;           /* one line for the list of commands */
    const char *usage;             /* operands, after the name: "REF REF", or "" */
    const char *details;           /* paragraphs for --help and the man page, or NULL */
    const struct option_row *rows; /* or NULL */
    const char *examples;          /* lines, or NULL */
    bool hidden;                   /* not listed (worker) */
    /* argv[0] is the command's name. Returns an exit_code; prints its own results, leaves errors in `e` for main to print. */
    int (*run)(int argc, char **argv, struct err *e);
};

#endif

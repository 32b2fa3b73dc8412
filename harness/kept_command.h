/*
 * Programs of the user kept beside the database, as countermark keeps itself: what a run measured can be measured again in turns with
 * what replaced it. DB.builds/commands/PROGRAM/ holds copies of the files that make it a program, PROGRAM being of their contents,
 * and for each point and working folder the command line. Only what this computer ran itself is ever started from there: a database
 * that came from elsewhere brings no such folder.
 */
#ifndef HARNESS_KEPT_COMMAND_H
#define HARNESS_KEPT_COMMAND_H

#include "base/err.h"

/* Of the contents of the program and of the files that its arguments name; "" if the program cannot be read. free(). */
char *run_command_hash(char *const *command);

/* What names it: the point as stored. */
struct kept_name {
    const char *point;   /* its text */
    const char *version; /* of its arguments */
    const char *hash;    /* of its files: run_command_hash */
};

/* Once per name and working folder; the programs used longest ago make room. `verify` may be NULL. -1: it could not be kept. */
int kept_command_save(const char *database, const struct kept_name *name, char *const *command, const char *verify,
                      struct err *e);

struct kept_command {
    char **argv; /* ended by NULL: the kept program, and its arguments as they were */
    char *verify;
};

/* NULL, or why it cannot be started again; free(). *out is to be freed in both cases. */
char *kept_command_find(const char *database, const struct kept_name *name, struct kept_command *out);
void kept_command_free(struct kept_command *c);
/* It is somebody's baseline: others make room first. */
void kept_command_use(const char *database, const struct kept_name *name);

#endif

/* Help as text: for the terminal and as a man page, from the same option rows that the command line is parsed by. */
#ifndef HARNESS_HELP_H
#define HARNESS_HELP_H

#include "base/buf.h"
#include "registry.h"

void help_overview(struct buf *b); /* the commands, one line each, and the exit codes */
void help_command(struct buf *b, const struct registry_command *row); /* usage, options, examples of one */
/* "config" and "plans": what may stand in files; false if it is no such topic. */
bool help_topic(struct buf *b, const char *topic);
void help_man(struct buf *b); /* the whole manual page, in roff */

#endif

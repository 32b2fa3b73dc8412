/*
 * A launch whose worker runs under a simulator, because the collector of its pass says so (collector.wrap): what is started instead of
 * the program, with a folder for the simulator's files. Of any program the worker itself runs by itself, and puts the simulator
 * before the program.
 */
#ifndef HARNESS_LAUNCH_SIMULATOR_H
#define HARNESS_LAUNCH_SIMULATOR_H

#include "launch.h"
#include "launch_process.h"

/* The environment variable that names the folder. */
#define LAUNCH_SCRATCH "COUNTERMARK_SCRATCH"

struct launch_simulator {
    const struct collector *collector; /* NULL: the pass needs no simulator */
    const char *name;                  /* the collector's */
    char *scratch;                     /* the folder */
    char *program;                     /* what is started instead, or NULL */
    char **argv;
    size_t argc;
    char *references, *script; /* absolute: the worker has another working folder */
};

/* Changes the start, and the paths in the spec. -1, with one sentence, if the simulator cannot be had: the launch is unavailable. */
int launch_simulator_begin(struct launch_simulator *s, struct launch_spec *spec, struct launch_start *how,
                           struct err *e);
/* What a simulator said at its end, where its last line does not tell; else `line` stays. */
void launch_simulator_reason(const struct launch_tail *t, char *line, size_t size);
/* What did not end well does not speak of the variant, whose time launches do: it is unavailable, with the reason. */
void launch_simulator_conclude(const struct launch_simulator *s, struct launch_outcome *out);
/* Removes the folder. */
void launch_simulator_end(struct launch_simulator *s);

#endif

/*
 * git, asked without a shell and in its own language, whatever the user's. What it complains about comes back as one line.
 */
#ifndef HARNESS_GIT_H
#define HARNESS_GIT_H

/* `git -C folder --no-optional-locks WORDS` (ended by NULL): the answer, free(), or NULL. Then `complaint`, if given, is one line,
 * free(): "fatal: ..." as git says it. */
char *git_ask(const char *folder, const char *const *words, char **complaint);

/* The environment for programs that work in another worktree: without what ties git, or make, to where this process was started,
 * followed by `more` ("NAME=value", ended by NULL; or NULL). The list is free()d; its texts belong to others. */
char **git_environment(char *const *more);

#endif

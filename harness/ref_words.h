/*
 * REFs that git answers, in front of those that the database knows (db/ref.h):
 *
 *     tag:T           the newest complete run of that tag's commit, else of the nearest commit before it that has one
 *     branch-point    likewise for where the candidate's branch left the main one; on the main branch itself its commit before
 *     commit:main     a commit by any name that git has for it, such as HEAD~1
 *
 * The repository is that of the working folder.
 */
#ifndef HARNESS_REF_WORDS_H
#define HARNESS_REF_WORDS_H

#include "../db/store.h"

/* `candidate`: the run that is compared, 0 none: then a branch point is the newest run's. *note (free(), may be NULL): what people should know of the choice. */
int ref_find(struct store *s, const char *ref, const char *machine, const char *branch, int64_t candidate, int64_t *run,
             char **note, struct err *e);
/* The commit that a revision means: abbreviated digits of a stored one, or what git knows; free(). NULL with CM_USAGE. */
char *ref_commit(struct store *s, const char *revision, struct err *e);

#endif

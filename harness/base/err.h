/*
 * Errors that people can act on.
 *
 * A function that can fail takes a `struct err *` last and returns 0 or -1 (or NULL). On failure it has called err_set
 * with one clear sentence that names the thing and the cure. The first error wins: a later err_set on the same struct
 * changes nothing, so calls can be chained and the cause is what people read. On success the struct is untouched.
 *
 * Exit codes are the contract of every command; exit_worst merges two of them by rank (6, 5, 1, 4, 3, 0).
 */
#ifndef HARNESS_BASE_ERR_H
#define HARNESS_BASE_ERR_H

enum exit_code {
    CM_FINE = 0,          /* all is well */
    CM_REGRESSION = 1,    /* a regression was found */
    CM_USAGE = 2,         /* the command line or the configuration is wrong */
    CM_NOTHING = 3,       /* nothing could run, or nothing is comparable */
    CM_UNTRUSTED = 4,     /* measured, but not trustworthy */
    CM_WRONG = 5,         /* a variant computed a wrong result */
    CM_INTERNAL = 6,      /* an internal or I/O error */
    CM_INTERRUPTED = 130, /* stopped by the user */
};

struct err {
    int code;        /* 0 while nothing failed, else an exit_code */
    char text[1000]; /* one sentence, no newline at its end */
};

/* Records the error unless one is recorded already. Always returns -1. `e` may be NULL. */
int err_set(struct err *e, enum exit_code code, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Forgets what was recorded. */
void err_clear(struct err *e);

/* The higher-ranked of two exit codes. */
int exit_worst(int a, int b);

#endif

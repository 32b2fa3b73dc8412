/*
 * A question to a worker process: `PROGRAM worker --SOMETHING ...` answers with one text on its descriptor 4. For what a vendor's
 * library must tell, since that may crash, hang, leak, or leave the process in a state that would be measured.
 */
#ifndef HARNESS_LAUNCH_ASK_H
#define HARNESS_LAUNCH_ASK_H

#include "base/buf.h"
#include "base/err.h"

#include <stddef.h>

struct launch_question {
    const char *program; /* path; NULL is this program */
    char *const *argv;   /* "countermark", "worker", "--SOMETHING", ..., NULL */
    const char *who;     /* for the sentences: "the collector papi" */
    const char *what;    /* "its passes" */
    size_t longest;      /* bytes of an answer */
    int patience_s;
};

/* 0 with what the worker wrote, or -1 with the sentence: its own if it ended with one, that it died, took too long, ... CM_USAGE
 * and CM_INTERRUPTED keep their code, everything else that goes wrong there is CM_NOTHING. */
int launch_ask(const struct launch_question *q, struct buf *answer, struct err *e);

#endif

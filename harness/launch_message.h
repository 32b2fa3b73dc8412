/*
 * What a launch and its worker say to each other: JSON, one message a line, both directions with the protocol's
 * version.
 *
 * The request is a struct launch_spec plus the parent's process id. The answers come in this order: hello, then
 * metrics and samples (a sample names its metric by the metric's position), the result, and an end with the number of
 * samples, so that a cut answer is recognised. What comes from a worker is not trusted: every field is checked.
 */
#ifndef HARNESS_LAUNCH_MESSAGE_H
#define HARNESS_LAUNCH_MESSAGE_H

#include "base/buf.h"
#include "launch.h"
#include <sys/types.h>

#define LAUNCH_REQUEST_FD 3
#define LAUNCH_ANSWER_FD 4

/* A decoded request; everything that `spec` points at belongs to it. */
struct launch_request {
    struct launch_spec spec;
    pid_t parent;
    void *root; /* private: the JSON that holds the texts */
    struct fact *axes;
    char **command;
};

/* One line without a newline, free() it; NULL when a text is not valid UTF-8. */
char *launch_request_encode(const struct launch_spec *spec, pid_t parent, struct err *e);
int launch_request_decode(const char *line, struct launch_request *out, struct err *e);
void launch_request_free(struct launch_request *r);

/* The worker's side: each appends one line. Text that is not valid UTF-8 has the offending bytes replaced. */
void launch_answer_hello(struct buf *b);
void launch_answer_metric(struct buf *b, const struct metric *m);
void launch_answer_sample(struct buf *b, size_t metric, const struct sample *s);
void launch_answer_result(struct buf *b, const struct launch_result *r);
void launch_answer_end(struct buf *b, size_t samples);

/* The parent's side. */
enum launch_progress { ANSWER_NOTHING, ANSWER_HELLO, ANSWER_RESULT, ANSWER_END };

struct launch_answers {
    struct launch_outcome *out;
    enum launch_progress progress;
    size_t sample_capacity, metric_capacity;
};

/* Takes one line in. -1 with a sentence when it is not what the protocol allows. */
int launch_answer_take(struct launch_answers *a, const char *line, size_t length, struct err *e);

/* A copy of `text` that lives as long as the outcome. */
const char *launch_outcome_text(struct launch_outcome *out, const char *text);

#endif

/* A question to a worker process, from its start to its last byte. See launch_ask.h. */
#include "launch_ask.h"
#include "base/clock.h"
#include "base/text.h"
#include "launch.h"
#include "launch_process.h"

#include <poll.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define AT_A_TIME 16 /* reads */

/* Each takes some of what is there: it may never end. False at the end of the file. */
static bool take_answer(int fd, struct buf *answer, size_t longest)
{
    char bytes[8192];
    ssize_t n = -1;

    for (int i = 0; i < AT_A_TIME && (n = read(fd, bytes, sizeof bytes)) > 0; i++)
        if (answer->length <= longest)
            buf_add_n(answer, bytes, (size_t)n);
    return n != 0;
}

static bool take_words(int fd, struct launch_tail *tail)
{
    char bytes[8192];
    ssize_t n = -1;

    for (int i = 0; i < AT_A_TIME && (n = read(fd, bytes, sizeof bytes)) > 0; i++)
        launch_tail_add(tail, bytes, (size_t)n);
    return n != 0;
}

/* What was still in the pipes when it ended; a child of it may hold them open, so there is a limit. */
static void drain(const struct launch_process *p, struct buf *answer, size_t longest, struct launch_tail *tail)
{
    size_t before;

    do {
        before = answer->length;
        take_answer(p->answer_fd, answer, longest);
    } while (answer->length > before && answer->length <= longest);
    take_words(p->output_fd, tail);
}

/* Waits for the worker's end; 0, or -1 with the reason. */
static int attend(struct launch_process *p, const struct launch_question *q, struct buf *answer,
                  struct launch_tail *tail, struct err *e)
{
    int64_t deadline = clock_ns() + (int64_t)q->patience_s * 1000000000;
    bool answer_open = true, output_open = true;

    while (!launch_process_ended(p)) {
        struct pollfd fds[3] = {{.fd = answer_open ? p->answer_fd : -1, .events = POLLIN},
                                {.fd = output_open ? p->output_fd : -1, .events = POLLIN},
                                {.fd = p->exit_fd, .events = POLLIN}};

        poll(fds, 3, 20);
        if (fds[0].revents)
            answer_open = take_answer(p->answer_fd, answer, q->longest);
        if (fds[1].revents)
            output_open = take_words(p->output_fd, tail);
        if (launch_interrupted())
            return err_set(e, CM_INTERRUPTED, "interrupted");
        if (clock_ns() > deadline)
            return err_set(e, CM_NOTHING, "%s did not tell %s within %d s", q->who, q->what, q->patience_s);
        if (answer->length > q->longest)
            break;
    }
    drain(p, answer, q->longest, tail);
    if (answer->length > q->longest)
        return err_set(e, CM_INTERNAL, "%s tells %s without end", q->who, q->what);
    return 0;
}

static int conclude(const struct launch_process *p, const struct launch_question *q, const struct launch_tail *tail,
                    struct err *e)
{
    static const char prefix[] = "countermark: ";
    char last[sizeof e->text];
    const char *why = last;

    launch_tail_line(tail, last, sizeof last);
    if (text_starts(last, prefix))
        why += sizeof prefix - 1;
    if (WIFSIGNALED(p->status))
        return err_set(e, CM_NOTHING, "asked for %s, %s died from signal %d (%s)%s%.300s", q->what, q->who,
                       WTERMSIG(p->status), strsignal(WTERMSIG(p->status)), *why ? ": " : "", why);
    if (!WEXITSTATUS(p->status))
        return 0;
    if (!*why)
        return err_set(e, CM_NOTHING, "%s could not tell %s", q->who, q->what);
    return err_set(e, WEXITSTATUS(p->status) == CM_USAGE ? CM_USAGE : CM_NOTHING, "%s", why);
}

int launch_ask(const struct launch_question *q, struct buf *answer, struct err *e)
{
    struct launch_start how = {.program = q->program, .argv = q->argv};
    struct launch_tail tail = {.length = 0};
    struct launch_process p;
    int rc = launch_process_start(&p, &how, e);

    if (rc)
        return rc;
    rc = attend(&p, q, answer, &tail, e);
    if (!rc)
        rc = conclude(&p, q, &tail, e);
    launch_process_finish(&p);
    return rc;
}

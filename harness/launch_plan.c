/*
 * Which passes a collector needs here: asked of a worker process, because a vendor's library may crash, leak or leave
 * the process in a state that would be measured. Proving counter sets takes time, so the answer is kept in a file,
 * one per collector, question, machine with its environment, and program.
 */
#include "../collectors/collector.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "launch.h"
#include "launch_message.h"
#include "launch_process.h"

#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_S 120
#define LONGEST_ANSWER (1 << 20)

static bool take_list(json_t *array, struct text_list *l)
{
    json_t *item;
    size_t i;

    if (!json_is_array(array))
        return false;
    json_array_foreach(array, i, item)
    {
        if (!json_is_string(item))
            return false;
        text_list_add(l, json_string_value(item));
    }
    return true;
}

static bool parse(const char *text, size_t length, struct passes *out)
{
    json_t *root = json_loadb(text, length, 0, NULL);
    bool good = json_integer_value(json_object_get(root, "protocol")) == LAUNCH_PROTOCOL &&
                take_list(json_object_get(root, "passes"), &out->passes) &&
                take_list(json_object_get(root, "missing"), &out->missing);

    json_decref(root);
    if (!good) {
        text_list_free(&out->passes);
        text_list_free(&out->missing);
    }
    return good;
}

/* Takes some of what is there: it may never end. False at the end of the file. */
static bool take(int fd, struct buf *answer, struct launch_tail *tail)
{
    char bytes[8192];
    ssize_t n = -1;

    for (int i = 0; i < 16 && (n = read(fd, bytes, sizeof bytes)) > 0; i++)
        if (tail)
            launch_tail_add(tail, bytes, (size_t)n);
        else if (answer && answer->length <= LONGEST_ANSWER)
            buf_add_n(answer, bytes, (size_t)n);
    return n != 0;
}

/* Waits for the worker's end; 0, or -1 with the reason. */
static int attend(struct launch_process *p, struct buf *answer, struct launch_tail *tail, const char *collector,
                  struct err *e)
{
    int64_t deadline = clock_ns() + (int64_t)PATIENCE_S * 1000000000;
    bool answer_open = true, output_open = true;

    while (!launch_process_ended(p)) {
        struct pollfd fds[3] = {{.fd = answer_open ? p->answer_fd : -1, .events = POLLIN},
                                {.fd = output_open ? p->output_fd : -1, .events = POLLIN},
                                {.fd = p->exit_fd, .events = POLLIN}};

        poll(fds, 3, 20);
        if (fds[0].revents)
            answer_open = take(p->answer_fd, answer, NULL);
        if (fds[1].revents)
            output_open = take(p->output_fd, NULL, tail);
        if (launch_interrupted())
            return err_set(e, CM_INTERRUPTED, "interrupted");
        if (clock_ns() > deadline)
            return err_set(e, CM_NOTHING, "the collector %s did not tell its passes within %d s", collector,
                           PATIENCE_S);
        if (answer->length > LONGEST_ANSWER)
            return err_set(e, CM_INTERNAL, "the collector %s tells its passes without end", collector);
    }
    take(p->answer_fd, answer, NULL);
    take(p->output_fd, NULL, tail);
    return 0;
}

static int conclude(const struct launch_process *p, const struct buf *answer, const struct launch_tail *tail,
                    const char *collector, struct passes *out, struct err *e)
{
    static const char prefix[] = "countermark: ";
    char last[256];
    const char *why = last;

    launch_tail_line(tail, last, sizeof last);
    if (text_starts(last, prefix))
        why += sizeof prefix - 1;
    if (WIFSIGNALED(p->status))
        return err_set(e, CM_NOTHING, "asked for its passes, the collector %s died from signal %d (%s)%s%s", collector,
                       WTERMSIG(p->status), strsignal(WTERMSIG(p->status)), *why ? ": " : "", why);
    if (WEXITSTATUS(p->status))
        return err_set(e, (enum exit_code)WEXITSTATUS(p->status) == CM_USAGE ? CM_USAGE : CM_NOTHING, "%s",
                       *why ? why : "the collector could not tell its passes");
    if (!parse(buf_text(answer), answer->length, out))
        return err_set(e, CM_INTERNAL, "the collector %s gave no readable answer when asked for its passes", collector);
    return 0;
}

static int ask(const char *collector, const char *wanted, struct buf *answer, struct passes *out, struct err *e)
{
    char name[] = "countermark", command[] = "worker", option[] = "--plan-collector";
    char *which = mem_copy(collector), *what = mem_copy(wanted ? wanted : "");
    char *argv[] = {name, command, option, which, what, NULL};
    struct launch_start how = {.argv = argv};
    struct launch_tail tail = {.length = 0};
    struct launch_process p;
    int rc = launch_process_start(&p, &how, e);

    if (!rc) {
        rc = attend(&p, answer, &tail, collector, e);
        if (!rc)
            rc = conclude(&p, answer, &tail, collector, out, e);
        launch_process_finish(&p);
    }
    free(which);
    free(what);
    return rc;
}

/* The name of the answer's file, or NULL without a folder. */
static char *cache_path(const char *folder, const char *collector, const char *wanted, const char *fingerprint)
{
    size_t length = 0;
    char *program, *key, *path;

    if (!folder || !*folder || !text_is_name(collector))
        return NULL;
    program = file_read(launch_self(), &length, NULL);
    if (!program)
        return NULL;
    key = mem_format("%s|%s|%s|%016" PRIx64, collector, wanted ? wanted : "", fingerprint ? fingerprint : "",
                     text_hash(program, length, 0));
    path = mem_format("%s/passes-%s-%016" PRIx64 ".json", folder, collector, text_hash(key, strlen(key), 0));
    free(program);
    free(key);
    return path;
}

static bool from_cache(const char *path, struct passes *out)
{
    size_t length = 0;
    char *text = path && file_exists(path) ? file_read(path, &length, NULL) : NULL;
    bool good = text && parse(text, length, out);

    free(text);
    return good;
}

int launch_plan_collector(const char *collector, const char *wanted, const char *cache_folder, const char *fingerprint,
                          struct passes *out, struct err *e)
{
    char *path = cache_path(cache_folder, collector, wanted, fingerprint);
    struct buf answer = {0};
    int rc = 0;

    memset(out, 0, sizeof *out);
    if (!from_cache(path, out)) {
        rc = ask(collector, wanted, &answer, out, e);
        /* Without the file the next run asks again; so it does where nothing counts, as that may be cured any time. */
        if (!rc && path && out->passes.count && !file_folder(cache_folder, NULL))
            file_replace(path, buf_text(&answer), answer.length, NULL);
    }
    buf_free(&answer);
    free(path);
    return rc;
}

/* One launch of one commit: its worktree built if need be, its program launched there, everything stored. */
#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "bisect_parts.h"
#include "gate_rerun.h"
#include "registry.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRIES 8 /* of a launch whose times cannot be trusted */
#define COMMAND_TIMEOUT_S 600
#define VARIANT_TIMEOUT_S 60

/* Relative paths of scripts and of the user's commands are those of the worktree. */
static int execute(const struct launch_spec *spec, const char *folder, struct launch_outcome *out, struct err *e)
{
    int here = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), failed = 0;

    if (here < 0 || chdir(folder))
        failed = err_set(e, CM_INTERNAL, "the worktree %s cannot be entered: %s", folder, strerror(errno));
    if (!failed)
        failed = launch_execute(spec, out, e);
    if (here >= 0 && fchdir(here) && !failed)
        failed = err_set(e, CM_INTERNAL, "the working folder is gone: %s", strerror(errno));
    if (here >= 0)
        close(here);
    return failed;
}

/* Made and stored; the outcome is to be freed unless this fails. */
static int launch(struct bisect *b, size_t i, const struct commit_build *built, const char *pass,
                  struct launch_outcome *out, struct err *e)
{
    const struct commit *c = &b->out->commits.items[i];
    char *references = mem_format("%s.builds/commits/%s/references", b->database, c->id);
    char *script = !b->script          ? NULL
                   : *b->script == '/' ? mem_copy(b->script)
                                       : mem_format("%s/%s", built->folder, b->script);
    uint64_t layout = (uint64_t)b->number;
    struct launch_spec spec = {
        .program = built->program,
        .point = b->q->point,
        .kernel = b->kernel,
        .variant = b->variant,
        .axes = b->axes,
        .pass = pass,
        .number = b->number,
        .inner = *pass ? 0 : b->inner,
        .seed = text_hash(b->kernel, strlen(b->kernel), 0), /* the problem that run would give it */
        .layout_seed = stats_random(&layout),
        .timeout_s = registry_simulator(pass) ? 0
                     : b->command             ? COMMAND_TIMEOUT_S
                                              : VARIANT_TIMEOUT_S,
        .reference_folder = references,
        .fake_script = script,
        .isolate = b->isolate,
        .command = b->command,
        .verify = b->verify,
    };
    int failed = file_folder(references, e) || execute(&spec, built->folder, out, e);

    free(references);
    free(script);
    if (failed)
        return -1;
    b->out->launches++;
    b->out->launch_s += out->result.wall_s;
    if (!*pass && !b->inner && out->result.status == LAUNCH_DONE)
        b->inner = out->result.inner;
    failed = bisect_store_launch(b, i, built, pass, out, e);
    b->number++;
    if (failed)
        launch_outcome_free(out);
    return failed ? -1 : 0;
}

static int build(struct bisect *b, size_t i, struct commit_build *built, struct err *e)
{
    const struct commit *c = &b->out->commits.items[i];

    if (commit_build_known(b->database, b->q->config, c) < 0)
        log_note("building %.10s (%zu of %zu): %.80s", c->id, i, b->out->commits.count - 1, c->subject);
    if (commit_build(b->database, b->q->config, b->q->repository, c, built, e))
        return -1;
    if (!built->cached) {
        b->out->builds++;
        b->out->build_s += built->seconds;
    }
    if (!built->built)
        b->out->known[i].reason = mem_format("does not build: %s", built->reason);
    return 0;
}

/* Why a launch gave no value. */
static char *reason_of(const struct bisect *b, const struct launch_outcome *out, const char *why)
{
    const char *reason = out->result.reason && *out->result.reason ? out->result.reason : NULL;

    if (out->result.status == LAUNCH_DONE)
        return mem_format("%s could not be measured%s%s", b->metric.name, why ? ": " : "", why ? why : "");
    return mem_format("%s%s%s", launch_status_name(out->result.status), reason ? ": " : "", reason ? reason : "");
}

/* Until there is a value, or no hope for one: what a hypervisor takes away now it need not take next time. */
static int try_often(struct bisect *b, size_t i, const struct commit_build *built, double *value, struct err *e)
{
    char *reason = NULL;

    for (int n = 0; n < TRIES && !isfinite(*value); n++) {
        struct launch_outcome out = {0};
        const char *why = NULL;

        if (launch(b, i, built, b->pass, &out, e)) {
            free(reason);
            return -1;
        }
        *value = rerun_median(&out, &b->metric, &why);
        free(reason);
        reason = isfinite(*value) ? NULL : reason_of(b, &out, why);
        n += out.result.status == LAUNCH_DONE ? 0 : TRIES / 2; /* a crash need not be seen more than twice */
        launch_outcome_free(&out);
    }
    b->out->known[i].reason = reason;
    return 0;
}

int bisect_measure(struct bisect *b, size_t commit, double *value, struct err *e)
{
    struct bisect_commit *c = &b->out->known[commit];
    struct commit_build built;
    int failed = 0;

    *value = NAN;
    if (c->stored_taken < c->stored_count) {
        *value = c->stored[c->stored_taken++];
        b->out->reused++;
        return 0;
    }
    if (build(b, commit, &built, e))
        return -1;
    if (built.built)
        failed = try_often(b, commit, &built, value, e);
    commit_build_free(&built);
    return failed;
}

int bisect_count(struct bisect *b, size_t commit, const char *pass, bool *well, struct err *e)
{
    struct launch_outcome out = {0};
    struct commit_build built;
    int failed = build(b, commit, &built, e);

    *well = false;
    if (failed)
        return -1;
    if (built.built)
        failed = launch(b, commit, &built, pass, &out, e);
    if (built.built && !failed) {
        *well = out.result.status == LAUNCH_DONE;
        launch_outcome_free(&out);
    }
    commit_build_free(&built);
    return failed;
}

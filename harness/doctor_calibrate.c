/* doctor --calibrate: the truth table of this machine, shown and stored. */
#include "doctor_calibrate.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/text.h"
#include "calibrate.h"
#include "launch.h"
#include "run.h"

#include <stdlib.h>
#include <string.h>

enum { LAUNCHES = 3, REPETITIONS = 7 };

/* The fake collector's file in "papi,fake:x.json"; free(). NULL: none. */
static char *script_of(const char *list)
{
    size_t count = 0;
    char **words = list ? text_split(list, ',', &count) : NULL, *script = NULL;

    for (size_t i = 0; i < count; i++)
        if (text_starts(words[i], "fake:")) {
            free(script);
            script = mem_copy(words[i] + 5);
        }
    free(words);
    return script;
}

static int measure(const struct doctor_calibrate *q, const struct host *h, const char *script,
                   struct calibration *found, struct err *e)
{
    struct passes passes = {0};
    char *references = run_reference_folder(q->database, h->binary_hash), *cache = run_cache_folder(q->database);
    int failed = file_folder(references, e);

    if (!failed)
        failed = calibrate_passes(q->collect, h, cache, &passes, e);
    if (!failed) {
        const struct calibrate_request r = {.host = h,
                                            .references = references,
                                            .script = script,
                                            .passes = &passes,
                                            .launches = LAUNCHES,
                                            .repetitions = REPETITIONS};

        launch_catch_signals(true);
        failed = calibrate(&r, found, e);
        launch_catch_signals(false);
    }
    text_list_free(&passes.passes);
    text_list_free(&passes.missing);
    free(references);
    free(cache);
    return failed;
}

/* The writer's lock is taken only when there is something to store. */
static int store(const struct doctor_calibrate *q, const struct host *h, bool scripted, const struct calibration *found,
                 struct err *e)
{
    struct store *s = NULL;
    int failed = store_open(&s, q->database, STORE_WRITE, e);

    if (!failed)
        failed = calibration_store(s, h, scripted, found, e);
    store_close(s);
    return failed;
}

static int write_json(const struct calibration *c, const struct host *h, bool scripted, struct buf *out, struct err *e)
{
    json_t *document = calibration_json(c, h, scripted);
    char *text = document ? json_dumps(document, JSON_INDENT(2) | JSON_REAL_PRECISION(12)) : NULL;

    json_decref(document);
    if (!text)
        return err_set(e, CM_INTERNAL, "the truth table could not be written as JSON");
    buf_addf(out, "%s\n", text);
    free(text);
    return 0;
}

int doctor_calibrate(const struct doctor_calibrate *q, struct buf *out, struct err *e)
{
    char *script = script_of(q->collect);
    struct host h = {0};
    struct calibration found = {0};
    bool wrong = false;
    int failed = host_read(&h, q->machine, q->machine_class, script, e);

    if (!failed)
        failed = measure(q, &h, script, &found, e);
    if (!failed)
        failed = store(q, &h, script != NULL, &found, e);
    if (!failed) {
        wrong = calibration_metrics(&found, "wrong") > 0;
        if (q->json)
            failed = write_json(&found, &h, script != NULL, out, e);
        else
            calibration_text(&found, &h, out);
    }
    calibration_free(&found);
    host_free(&h);
    free(script);
    return failed ? e->code : wrong ? CM_UNTRUSTED : CM_FINE;
}

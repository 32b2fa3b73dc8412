/* Sets that take turns: passes joined, events found in them, readings marked or dropped. */
#include "../../harness/multiplex.h"
#include "../../harness/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above */
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PASS "papi:CYC,INS,L1=perf::L1-DCACHE:MISS|CYC,INS,BR,UNC:umask=2|CYC,INS,L2"

static double share(const char *metric, int set, bool *counted)
{
    return multiplex_share(PASS, metric, set, counted);
}

static void events_are_found_in_their_sets(void **state)
{
    bool counted;

    (void)state;
    assert_int_equal(multiplex_sets(""), 1);
    assert_int_equal(multiplex_sets("papi:A,B"), 1);
    assert_int_equal(multiplex_sets(PASS), 3);
    assert_float_equal(share("papi.CYC", 1, &counted), 1, 0);
    assert_true(counted);
    assert_float_equal(share("papi.L1", 0, &counted), 1.0 / 3, 1e-6);
    assert_true(counted);
    assert_float_equal(share("papi.L1.thread_max", 2, &counted), 1.0 / 3, 1e-6);
    assert_false(counted);
    assert_float_equal(share("papi.UNC:umask=2", 1, &counted), 1.0 / 3, 1e-6);
    assert_true(counted);
    assert_float_equal(share("papi.L", 0, &counted), 0, 0); /* the beginning of a name is another name */
    assert_float_equal(share("papi.perf::L1-DCACHE:MISS", 0, &counted), 0, 0);
    assert_false(counted);
    assert_float_equal(share("wall.time", 0, &counted), 0, 0);
}

static void globs(const char *pass, int set, const char *spared, const char *wanted)
{
    char *text = multiplex_globs(pass, set, spared);

    assert_string_equal(text, wanted);
    free(text);
}

static void globs_name_what_one_set_counts(void **state)
{
    char *text = multiplex_globs(PASS, 1, NULL);

    (void)state;
    globs(PASS, 0, NULL, "papi.L1,papi.L1.thread_*");
    globs("papi:CYC,INS", 0, NULL, "papi.CYC,papi.CYC.thread_*,papi.INS,papi.INS.thread_*");
    globs("papi:CYC,INS", 0, "papi.INS", "papi.CYC,papi.CYC.thread_*");
    globs("papi:CYC,INS|CYC,INS", 0, NULL, "");
    assert_true(text_glob(text, "papi.BR"));
    assert_true(text_glob(text, "papi.BR.thread_min"));
    assert_false(text_glob(text, "papi.INS"));
    assert_false(text_glob(text, "papi.L2"));
    free(text);
}

static void passes_of_one_collector_are_joined(void **state)
{
    static const char *const plain[] = {"papi:A,B", "papi:A,C", "cupti:x", "cupti:y", "callgrind:instructions",
                                        "papi:A,D"};
    struct text_list passes = {0}, many = {0};

    (void)state;
    for (size_t i = 0; i < 6; i++)
        text_list_add(&passes, plain[i]);
    multiplex_join(&passes);
    assert_int_equal(passes.count, 4);
    assert_string_equal(passes.items[0], "papi:A,B|A,C|A,D");
    assert_string_equal(passes.items[1], "cupti:x"); /* rounds of a device cannot take turns */
    assert_string_equal(passes.items[3], "callgrind:instructions");
    text_list_free(&passes);
    for (int i = 0; i < MEASURE_INSTRUMENTS + 2; i++)
        text_list_add(&many, "papi:A,B");
    multiplex_join(&many);
    assert_int_equal(many.count, 2);
    assert_int_equal(multiplex_sets(many.items[0]), MEASURE_INSTRUMENTS);
    assert_int_equal(multiplex_sets(many.items[1]), 2);
    text_list_free(&many);
}

static struct reading reading(const char *metric, enum quality quality)
{
    return (struct reading){.metric = metric, .value = 1, .quality = quality, .share = 1};
}

static void readings_say_their_share(void **state)
{
    struct reading r[] = {reading("papi.CYC", QUALITY_EXACT), reading("papi.BR", QUALITY_EXACT),
                          reading("papi.L2", QUALITY_EXACT), reading("papi.L2.thread_min", QUALITY_SUSPECT),
                          reading("other.metric", QUALITY_EXACT)};

    (void)state;
    assert_int_equal(multiplex_mark("papi:CYC,BR", 2, r, 5), 5); /* nothing takes turns */
    assert_int_equal(multiplex_mark(PASS, -1, r, 5), 5);         /* of the launch as a whole */
    assert_int_equal(multiplex_mark(PASS, 5, r, 5), 4);          /* the turn of the third set: BR was in the second */
    assert_string_equal(r[0].metric, "papi.CYC");
    assert_int_equal(r[0].quality, QUALITY_EXACT); /* every set counts it */
    assert_string_equal(r[1].metric, "papi.L2");
    assert_int_equal(r[1].quality, QUALITY_MULTIPLEXED);
    assert_float_equal(r[1].share, 1.0 / 3, 1e-6);
    assert_int_equal(r[2].quality, QUALITY_SUSPECT); /* stays what it is */
    assert_int_equal(r[3].quality, QUALITY_EXACT);   /* a script's own */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_are_found_in_their_sets),
        cmocka_unit_test(globs_name_what_one_set_counts),
        cmocka_unit_test(passes_of_one_collector_are_joined),
        cmocka_unit_test(readings_say_their_share),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

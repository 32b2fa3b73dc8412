/* What marks a time, and when a disturbance of one side explains a time that moved: the rules of worker_noise.c and gate_disturbed.c;
 * and what isolation of workers can be had. */
#include "../../harness/gate_disturbed.h"
#include "../../harness/isolate.h"
#include "../../harness/worker_noise.h"

#include <errno.h>
#include <math.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>

#include <cmocka.h>

enum { WALL, DEVICE, STEAL, HELD, OTHERS, COUNT };

static void fill(struct reading r[COUNT], double steal_ms, double held)
{
    static const char *const names[COUNT] = {"wall.time", "device.time", "os.steal", "nvml.held_back", "os.others"};

    for (int i = 0; i < COUNT; i++)
        r[i] = (struct reading){.metric = names[i], .quality = QUALITY_EXACT, .share = 1};
    r[WALL].value = 500e6;
    r[DEVICE].value = 400e6;
    r[STEAL].value = steal_ms * 1e6;
    r[HELD].value = held;
    r[OTHERS].value = 1;
}

static void theft_marks_times(void **state)
{
    struct reading r[COUNT];

    (void)state;
    fill(r, 10, 0); /* of 500 ms: the rule's 2 % */
    worker_noise_mark(r, COUNT);
    for (int i = WALL; i <= DEVICE; i++) {
        assert_int_equal(r[i].quality, QUALITY_SUSPECT);
        assert_string_equal(r[i].reason, "the hypervisor took 10 ms away");
    }
    assert_float_equal(r[WALL].value, 500e6, 0);
    assert_int_equal(r[STEAL].quality, QUALITY_EXACT);

    fill(r, 9.9, 0);
    worker_noise_mark(r, COUNT);
    assert_int_equal(r[WALL].quality, QUALITY_EXACT);
    fill(r, NAN, 0);
    worker_noise_mark(r, COUNT);
    assert_int_equal(r[WALL].quality, QUALITY_EXACT);
}

static void an_earlier_mark_stays(void **state)
{
    struct reading r[COUNT];

    (void)state;
    fill(r, 100, 1);
    strcpy(r[HELD].reason, "heat");
    r[DEVICE].quality = QUALITY_UNAVAILABLE;
    worker_noise_mark(r, COUNT);
    assert_string_equal(r[WALL].reason, "the GPU's clock was held back: heat");
    assert_int_equal(r[DEVICE].quality, QUALITY_UNAVAILABLE);
}

static void scripts_start_from_an_undisturbed_machine(void **state)
{
    struct reading r[COUNT];

    (void)state;
    fill(r, 100, 0);
    r[OTHERS] =
        (struct reading){.metric = "os.others", .value = NAN, .quality = QUALITY_UNAVAILABLE, .reason = "short"};
    worker_noise_forget(r, COUNT);
    assert_true(r[STEAL].value == 0 && r[OTHERS].value == 0 && r[WALL].value == 500e6);
    assert_int_equal(r[OTHERS].quality, QUALITY_EXACT);
    assert_string_equal(r[OTHERS].reason, "");
}

/* The words for a run beside `others`, against one beside `before`. */
static void expect(double cpus, double threads, double before, double others, const char *wanted)
{
    struct disturbed old = {before, NAN, NAN, cpus, threads}, now = {others, NAN, NAN, cpus, threads};
    char *words = disturbed_words(&old, &now, true);

    if (wanted ? !words || strcmp(words, wanted) != 0 : words != NULL)
        fail_msg("%s", words ? words : "(no words)");
    free(words);
}

static void neighbours_matter_by_the_machine(void **state)
{
    (void)state;
    expect(2, 1, 0.01, 1.02, "; beside a neighbour that kept 1.0 of 2 CPUs busy, none in the baseline");
    expect(2, 1, 0.1, 0.36, "; beside a neighbour that kept 0.4 of 2 CPUs busy, 0.1 in the baseline");
    expect(2, 1, NAN, 0.3, "; beside a neighbour that kept 0.3 of 2 CPUs busy, not known in the baseline");
    expect(2, 1, 0, 0.2, NULL);
    expect(2, 1, 0.9, 1.1, NULL);
    expect(2, 1, 0, NAN, NULL);
    expect(4, 1, 0, 0.25, "; beside a neighbour that kept 0.2 of 4 CPUs busy, none in the baseline");
    expect(64, 1, 0, 3.9, NULL);
    expect(64, 1, 0, 4.1, "; beside a neighbour that kept 4.1 of 64 CPUs busy, none in the baseline");
    expect(64, 64, 0, 0.3, "; beside a neighbour that kept 0.3 of 64 CPUs busy, none in the baseline");
    expect(64, 62, 0, 1, NULL);
    expect(NAN, 1, 0, 1, "; beside a neighbour that kept 1.0 CPUs busy, none in the baseline");
}

static void the_slower_side_is_explained(void **state)
{
    struct disturbed calm = {0, 0, 0.001, 2, 1}, wild = {1, 5, 0.05, 2, 1};
    char *words;

    (void)state;
    assert_null(disturbed_words(&calm, &wild, false));
    assert_null(disturbed_words(&wild, &calm, true));
    words = disturbed_words(&wild, &calm, false);
    assert_string_equal(words, "; the baseline ran beside a neighbour that kept 1.0 of 2 CPUs busy, none now"
                               "; heat held the CPUs back 5 times in the baseline, never now"
                               "; the hypervisor took 5.0 % of the time away in the baseline, 0.1 % now");
    free(words);
}

static void heat_and_theft_count_where_they_are_new(void **state)
{
    struct disturbed old = {0, 4, 0.03, 2, 1}, now = {0, 7, 0.045, 2, 1};
    char *words;

    (void)state;
    assert_null(disturbed_words(&old, &now, true));
    now.throttles = 8;
    now.stolen = 0.06;
    words = disturbed_words(&old, &now, true);
    assert_string_equal(words, "; heat held the CPUs back 8 times, 4 in the baseline"
                               "; the hypervisor took 6.0 % of the time away, 3.0 % in the baseline");
    free(words);
    old = (struct disturbed){NAN, NAN, NAN, 2, 1};
    words = disturbed_words(&old, &now, true);
    assert_string_equal(words, "; heat held the CPUs back 8 times, not known in the baseline"
                               "; the hypervisor took 6.0 % of the time away, not known in the baseline");
    free(words);
}

static void isolation_says_what_it_could_not_do(void **state)
{
    const struct isolation all = {0, 0, 0}, some = {0, EACCES, 0}, none = {EPERM, EACCES, EPERM};
    char text[300];

    (void)state;
    assert_string_equal(isolate_words(&all, text, sizeof text), "cpus, priority, aslr");
    assert_string_equal(isolate_cure(&all, text, sizeof text), "");
    assert_string_equal(isolate_words(&some, text, sizeof text), "cpus, aslr, not priority: permission denied");
    assert_non_null(strstr(isolate_cure(&some, text, sizeof text), "CAP_SYS_NICE"));
    assert_null(strchr(text, ';'));
    assert_string_equal(isolate_words(&none, text, sizeof text),
                        "not cpus: operation not permitted, not priority: permission denied, "
                        "not aslr: operation not permitted");
    assert_non_null(strstr(isolate_cure(&none, text, sizeof text), "; fixed addresses need"));
}

/* Found out in a child: this process keeps its own priority, CPUs and addresses. */
static void trying_changes_nothing_here(void **state)
{
    int priority = getpriority(PRIO_PROCESS, 0), before = personality(0xffffffff);
    struct isolation found = {-1, -1, -1};
    cpu_set_t cpus, now;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof cpus, &cpus), 0);
    isolate_try(&found);
    assert_true(found.cpus >= 0 && found.priority >= 0 && found.aslr >= 0);
    assert_int_equal(getpriority(PRIO_PROCESS, 0), priority);
    assert_int_equal(personality(0xffffffff), before);
    assert_int_equal(sched_getaffinity(0, sizeof now, &now), 0);
    assert_true(CPU_EQUAL(&cpus, &now));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(theft_marks_times),
        cmocka_unit_test(an_earlier_mark_stays),
        cmocka_unit_test(scripts_start_from_an_undisturbed_machine),
        cmocka_unit_test(neighbours_matter_by_the_machine),
        cmocka_unit_test(the_slower_side_is_explained),
        cmocka_unit_test(heat_and_theft_count_where_they_are_new),
        cmocka_unit_test(isolation_says_what_it_could_not_do),
        cmocka_unit_test(trying_changes_nothing_here),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/* What callgrind writes is summed up by the names of its columns, of however many parts and processes; what was cut is refused. */
#include "collectors/callgrind_dump.h"
#include "harness/base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct callgrind_counts of(const char *text)
{
    struct callgrind_counts sum = {.processes = 0};
    struct err e = {0};

    if (callgrind_dump_add(text, &sum, &e))
        fail_msg("%s", e.text);
    return sum;
}

static void refused(const char *text, const char *why)
{
    struct callgrind_counts sum = {.processes = 0};
    struct err e = {0};

    assert_int_equal(callgrind_dump_add(text, &sum, &e), -1);
    assert_non_null(strstr(e.text, why));
}

static void columns_have_names(void **state)
{
    struct callgrind_counts c = of("# callgrind format\nevents: Ir Dr Dw\nfn=(1) main\n1 5 1\ntotals: 70 8 9\n");

    (void)state;
    assert_true(c.values[CG_IR] == 70 && c.values[CG_DR] == 8 && c.values[CG_DW] == 9);
    assert_true(c.known[CG_IR] && c.known[CG_DW] && !c.known[CG_BC]);
    c = of("events: Bim Ir Unheard\ntotals: 1 2 3\n");
    assert_true(c.values[CG_BIM] == 1 && c.values[CG_IR] == 2);
    c = of("events: Ir Dr Dw\ntotals: 70\n"); /* zeros at the end are left out */
    assert_true(c.values[CG_IR] == 70 && c.values[CG_DW] == 0 && c.known[CG_DW]);
    c = of("events: Ir\ntotals: 123456789012345"); /* no newline at the end */
    assert_true(c.values[CG_IR] == 123456789012345);
}

static void parts_are_summed_up(void **state)
{
    struct callgrind_counts c = of("events: Ir Dr\ntotals: 1 2\n\nevents: Dr Ir\ntotals: 30 40\n");

    (void)state;
    assert_true(c.values[CG_IR] == 41 && c.values[CG_DR] == 32);
}

static void what_was_cut_is_refused(void **state)
{
    (void)state;
    refused("", "no totals");
    refused("events: Ir\nfn=(1) main\n1 5\n", "no totals");
    refused("totals: 5\n", "do not fit");
    refused("events: Ir\ntotals: 5 6\n", "do not fit");
    refused("events: Ir\ntotals: 5x\n", "do not fit");
}

static void processes_are_summed_up_and_their_files_removed(void **state)
{
    static const char *const files[] = {"12", "12.1", "40", "notes"};
    struct callgrind_counts sum = {.processes = 0};
    char folder[] = "dumps.XXXXXX", path[100];
    struct err e = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < 4; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, files[i]);
        assert_int_equal(file_replace(path, "events: Ir\ntotals: 5\n", 21, &e), 0);
    }
    assert_int_equal(callgrind_dump_take(folder, &sum, &e), 0);
    assert_true(sum.values[CG_IR] == 15);
    assert_int_equal(sum.processes, 2);
    assert_true(file_exists(path)); /* somebody else's */
    unlink(path);
    assert_int_equal(rmdir(folder), 0);
    assert_int_equal(callgrind_dump_take(folder, &sum, &e), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_have_names),
        cmocka_unit_test(parts_are_summed_up),
        cmocka_unit_test(what_was_cut_is_refused),
        cmocka_unit_test(processes_are_summed_up_and_their_files_removed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

/*
 * CUPTI's host side for real, without a GPU, for cupti_host.c and cupti_names.c: the library, and what must hold of every pass that
 * is planned for a chip.
 */
#ifndef TESTS_UNIT_CUPTI_FIXTURE_H
#define TESTS_UNIT_CUPTI_FIXTURE_H

#include "collectors/cupti_parts.h"
#include "collectors/cupti_plan.h"
#include "collectors/groups.h"
#include "harness/base/mem.h"
#include "harness/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct cupti *library;

/* Is there one? Else says why not. */
static inline bool library_found(void)
{
    struct err e = {0};

    library = cupti_library(&e);
    if (!library)
        puts(e.text);
    return library != NULL;
}

static inline void partition(const char *chip, const char *wanted, struct cupti_partition *out)
{
    struct cupti_wants w = {0};
    struct err e = {0};

    assert_int_equal(cupti_wants_parse(&w, wanted, &e), 0);
    if (cupti_partition_make(library, chip, NULL, &w, out, &e))
        fail_msg("%s on %s: %s", wanted, chip, e.text);
    cupti_wants_free(&w);
}

/* The tie-point is left out only where it would cost a round. */
static inline bool tie_is_dear(const char *chip, const struct cupti_set *s)
{
    const char *counted[100] = {"smsp__inst_executed.sum"};

    assert_true(s->count < 99);
    for (size_t i = 0; i < s->count; i++)
        counted[i + 1] = s->counted[i];
    return cupti_schedule(library, chip, NULL, counted, s->count + 1, NULL, NULL) != s->rounds;
}

/* A set of the text: every name once more in the order of the text, rounds as planned, code patched in all or none. */
static inline int check_pass(const char *chip, const char *text)
{
    struct cupti_set s;
    struct err e = {0};
    size_t patching = 0;
    int rounds;

    if (cupti_set_make(library, chip, NULL, 0, text, &s, &e))
        fail_msg("%s: %s: %s", chip, text, e.text);
    for (size_t i = 0; i < s.count; i++) {
        patching += cupti_patches(s.metrics[i].counted);
        assert_string_equal(s.counted[i], s.metrics[i].counted);
        assert_true(text_starts(s.metrics[i].name, "cupti."));
        assert_true(strstr(text, s.metrics[i].counted) != NULL);
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(s.metrics[i].name, s.metrics[k].name);
    }
    if (patching != 0 && patching != s.count)
        fail_msg("%s mixes metrics that patch the code with others: %s", chip, text);
    if (!patching && !text_starts(text, "warp_instructions=smsp__inst_executed.sum") && !tie_is_dear(chip, &s))
        fail_msg("%s: the tie-point is not in front of %s", chip, text);
    assert_non_null(s.host);
    assert_non_null(s.image);
    assert_true(s.image_size > 0);
    rounds = s.rounds;
    cupti_set_free(library, &s);
    return rounds;
}

#endif

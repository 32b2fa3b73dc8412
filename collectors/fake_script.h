/* A script as it was read: what fake_script.c hands to fake.c. */
#ifndef COLLECTORS_FAKE_SCRIPT_H
#define COLLECTORS_FAKE_SCRIPT_H

#include "fake.h"

#include <jansson.h>
#include <stdint.h>

/* The keys of a rule, as bits: which of them it has. */
enum key {
    KEY_VALUE = 1,
    KEY_SCALE = 2,
    KEY_ADD = 4,
    KEY_NOISE = 8,
    KEY_QUALITY = 16,
    KEY_REASON = 32,
    KEY_ERROR = 64,
};

struct range {
    long low, high;
};

struct rule {
    const char *point, *metric; /* globs, or NULL */
    struct range launch, repetition;
    unsigned keys;
    double value, scale, add, noise;
    enum quality quality;
    const char *reason, *error;
};

struct fake {
    json_t *root; /* owns the strings */
    struct rule *rules;
    size_t rule_count;
    uint64_t seed;
    char *path;
};

#endif

/* What .countermark.yaml may hold: read, listed in complaints, and told by help from one table. */
#ifndef HARNESS_CONFIG_KEYS_H
#define HARNESS_CONFIG_KEYS_H

#include "config.h"

enum config_kind {
    KIND_NAME,
    KIND_PATH,
    KIND_TEXT,
    KIND_SHARE,
    KIND_DURATION,
    KIND_FAIL_ON,
    KIND_MAPPING,
    KIND_PLANS,
    KIND_THRESHOLDS
};

struct config_key {
    const char *name;
    enum config_kind kind;
    size_t offset;                  /* in struct config, or in an entry of a list */
    const struct config_key *below; /* of what holds keys */
    const char *value, *meaning;    /* a default stands in the meaning's brackets */
};

/* Both end with a NULL name. */
extern const struct config_key config_keys[], config_threshold_keys[];

#endif

/* Look-ups in the generated tables. They are short: a walk is enough. */
#include "registry.h"

#include <string.h>

const struct registry_kernel *registry_kernel(const char *name)
{
    for (const struct registry_kernel *k = registry_kernels; k->name; k++)
        if (!strcmp(k->name, name))
            return k;
    return NULL;
}

const struct registry_variant *registry_variant(const char *kernel, const char *name)
{
    for (const struct registry_variant *v = registry_variants; v->name; v++)
        if (!strcmp(v->kernel, kernel) && !strcmp(v->name, name))
            return v;
    return NULL;
}

const struct registry_collector *registry_collector(const char *name)
{
    for (const struct registry_collector *c = registry_collectors; c->name; c++)
        if (!strcmp(c->name, name))
            return c;
    return NULL;
}

const struct registry_collector *registry_simulator(const char *pass)
{
    size_t length = pass ? strcspn(pass, ":") : 0;

    for (const struct registry_collector *c = registry_collectors; c->name; c++)
        if (length && strlen(c->name) == length && !strncmp(c->name, pass, length))
            return !c->missing && c->collector->wrap ? c : NULL;
    return NULL;
}

const struct registry_command *registry_command(const char *name)
{
    for (const struct registry_command *c = registry_commands; c->name; c++)
        if (!strcmp(c->name, name))
            return c;
    return NULL;
}

const char *registry_code_hash(const char *kernel, const char *variant)
{
    for (const struct registry_code *c = registry_codes; c->name; c++)
        if (!strcmp(c->kernel, kernel) && !strcmp(c->name, variant))
            return c->hash;
    return "";
}

/*
 * Part of the stand-in for CUPTI: the driver that it finds loaded, and checks that many calls share.
 */
#ifndef TESTS_TOOLS_STANDIN_CUPTI_COMMON_H
#define TESTS_TOOLS_STANDIN_CUPTI_COMMON_H

/* What it asks of the stand-in for the driver. */
struct driver {
    const struct standin_log *(*log)(void);
    const struct standin_chip *(*chip)(void);
    int (*initialised)(void);
    void *(*current)(void);
    int (*is_context)(const void *context);
};

/* The driver, if the program has loaded it; NULL otherwise. */
static const struct driver *driver(void)
{
    static struct driver d;
    void *handle = d.log ? NULL : dlopen("libcuda.so.1", RTLD_NOW | RTLD_NOLOAD);
    void *found;

    if (!handle)
        return d.log ? &d : NULL;
#define FIND(name)                                                                                                     \
    found = dlsym(handle, "standin_" #name);                                                                           \
    memcpy(&d.name, &found, sizeof found)
    FIND(chip);
    FIND(initialised);
    FIND(current);
    FIND(is_context);
    FIND(log);
#undef FIND
    return d.log ? &d : NULL;
}

/* cuptiProfilerInitialize was called. */
static bool profiler_ready;

static bool driver_works(void)
{
    return driver() && driver()->initialised();
}

/* The first three lines of a call with a struct of parameters. */
#define ENTER_WITH(params, type)                                                                                       \
    do {                                                                                                               \
        int status = enter(__func__);                                                                                  \
        if (status)                                                                                                    \
            return (CUptiResult)status;                                                                                \
        if (!(params))                                                                                                 \
            return RULE(CUPTI_ERROR_INVALID_PARAMETER, "no parameters");                                               \
        if ((params)->structSize != type##_STRUCT_SIZE)                                                                \
            return RULE(CUPTI_ERROR_INVALID_PARAMETER, "structSize is not " #type "_STRUCT_SIZE");                     \
        if ((params)->pPriv)                                                                                           \
            return RULE(CUPTI_ERROR_INVALID_PARAMETER, "pPriv is not NULL");                                           \
    } while (0)
#define ENTER_PLAIN()                                                                                                  \
    do {                                                                                                               \
        int status = enter(__func__);                                                                                  \
        if (status)                                                                                                    \
            return (CUptiResult)status;                                                                                \
    } while (0)
#define RULE(error, words) (CUptiResult) broken(__func__, error, words)
/* Returns that error if the condition does not hold. */
#define NEED(condition, error, words)                                                                                  \
    do {                                                                                                               \
        if (!(condition))                                                                                              \
            return RULE(error, words);                                                                                 \
    } while (0)

/* What the real library does where its documents ask for a driver first. */
static void __attribute__((noreturn)) fall(const char *call, const char *why)
{
    fprintf(stderr, "stand-in: %s: %s\n", call, why);
    enter_trace("%s falls: %s", call, why);
    signal(SIGSEGV, SIG_DFL);
    raise(SIGSEGV);
    abort();
}

/* Several texts in one block, each with its NUL. */
struct names {
    char *text;
    size_t size, count;
};

static void names_add(struct names *n, const char *name)
{
    size_t length = strlen(name) + 1;

    n->text = realloc(n->text, n->size + length);
    if (!n->text)
        abort();
    memcpy(n->text + n->size, name, length);
    n->size += length;
    n->count++;
}

static bool names_have(const char *text, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++, text += strlen(text) + 1)
        if (!strcmp(text, name))
            return true;
    return false;
}

#endif

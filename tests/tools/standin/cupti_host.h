/*
 * Part of the stand-in for CUPTI: its host side. Which metrics there are and how they are scheduled is the real library's word,
 * where there is one; what is handed out (host object, config image) is wrapped, so that the device side knows the metrics
 * and notices bytes that are no image.
 */
#ifndef TESTS_TOOLS_STANDIN_CUPTI_HOST_H
#define TESTS_TOOLS_STANDIN_CUPTI_HOST_H

/* ---- the real library */
#define REAL_FUNCTIONS(X)                                                                                              \
    X(cuptiGetResultString)                                                                                            \
    X(cuptiProfilerHostInitialize)                                                                                     \
    X(cuptiProfilerHostDeinitialize)                                                                                   \
    X(cuptiProfilerHostGetSupportedChips)                                                                              \
    X(cuptiProfilerHostGetBaseMetrics)                                                                                 \
    X(cuptiProfilerHostGetSubMetrics)                                                                                  \
    X(cuptiProfilerHostGetMetricProperties)                                                                            \
    X(cuptiProfilerHostConfigAddMetrics)                                                                               \
    X(cuptiProfilerHostGetConfigImageSize)                                                                             \
    X(cuptiProfilerHostGetConfigImage)                                                                                 \
    X(cuptiProfilerHostGetNumOfPasses)

struct real {
#define MEMBER(name) __typeof__(name) *name;
    REAL_FUNCTIONS(MEMBER)
#undef MEMBER
    bool there;
};

#ifndef CUPTI_FOLDER
#define CUPTI_FOLDER "/usr/local/cuda/lib64"
#endif

/* Loads the real library by absolute path, its performance library first: it finds that by soname alone. */
static void real_open(struct real *r)
{
    const char *folder = getenv("STANDIN_CUPTI_REAL");
    char path[512];
    void *handle, *found;

    folder = folder && *folder ? folder : CUPTI_FOLDER;
    if (!strcmp(folder, "none"))
        return;
    snprintf(path, sizeof path, "%s/libnvperf_host.so", folder);
    if (!dlopen(path, RTLD_NOW | RTLD_LOCAL))
        return;
    snprintf(path, sizeof path, "%s/libcupti.so.13", folder);
    handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return;
    r->there = true;
#define FIND(name)                                                                                                     \
    found = dlsym(handle, #name);                                                                                      \
    memcpy(&r->name, &found, sizeof found);                                                                            \
    r->there = r->there && found;
    REAL_FUNCTIONS(FIND)
#undef FIND
}

/* NULL: there is none. */
static const struct real *real(void)
{
    static struct real r;
    static bool tried;

    if (!tried)
        real_open(&r);
    tried = true;
    return r.there ? &r : NULL;
}

/* ---- what is handed out */
struct CUpti_Profiler_Host_Object {
    bool live, poisoned;
    char chip[16];
    struct names metrics;
    CUpti_Profiler_Host_Object *real;
};

#define IMAGE_MAGIC 0x676d69676e6f63ULL
#define AVAILABILITY_MAGIC 0x6c69617661ULL

/* A config image: this, then the metrics' names, then the real library's image. */
struct image {
    uint64_t magic, size, names_size, count, passes;
    char chip[16];
};

static bool is_image(const void *bytes, size_t size)
{
    struct image head;

    if (!bytes || size < sizeof head)
        return false;
    memcpy(&head, bytes, sizeof head);
    return head.magic == IMAGE_MAGIC && head.size == size;
}

struct availability {
    uint64_t magic;
    char chip[16];
};

#define NEED_HOST(object) NEED((object) && (object)->live, CUPTI_ERROR_INVALID_PARAMETER, "this is no host object")
/* Calls the real library with the wrapped object and keeps its answer. */
#define FORWARD(call, params)                                                                                          \
    do {                                                                                                               \
        CUpti_Profiler_Host_Object *ours = (params)->pHostObject;                                                      \
        CUptiResult result;                                                                                            \
        (params)->pHostObject = ours->real;                                                                            \
        result = real()->call(params);                                                                                 \
        (params)->pHostObject = ours;                                                                                  \
        return result;                                                                                                 \
    } while (0)

CUptiResult cuptiProfilerHostInitialize(CUpti_Profiler_Host_Initialize_Params *p)
{
    const struct availability *a;
    CUpti_Profiler_Host_Initialize_Params inner;
    CUpti_Profiler_Host_Object *object;
    CUptiResult result;

    ENTER_WITH(p, CUpti_Profiler_Host_Initialize_Params);
    NEED(p->pChipName, CUPTI_ERROR_INVALID_PARAMETER, "no chip is named");
    a = (const struct availability *)(const void *)p->pCounterAvailabilityImage;
    NEED(!a || a->magic == AVAILABILITY_MAGIC, CUPTI_ERROR_NOT_SUPPORTED, "this is no availability image");
    NEED(!a || !strcmp(a->chip, p->pChipName), CUPTI_ERROR_NOT_SUPPORTED, "the availability image is another chip's");
    inner = *p;
    inner.pCounterAvailabilityImage = NULL;
    result = real()                         ? real()->cuptiProfilerHostInitialize(&inner)
             : catalogue_chip(p->pChipName) ? CUPTI_SUCCESS
                                            : CUPTI_ERROR_INVALID_CHIP_NAME;
    if (result)
        return result;
    object = calloc(1, sizeof *object);
    if (!object)
        abort();
    object->live = true;
    object->real = real() ? inner.pHostObject : NULL;
    snprintf(object->chip, sizeof object->chip, "%s", p->pChipName);
    p->pHostObject = object;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiProfilerHostDeinitialize(CUpti_Profiler_Host_Deinitialize_Params *p)
{
    CUpti_Profiler_Host_Object *object;

    ENTER_WITH(p, CUpti_Profiler_Host_Deinitialize_Params);
    NEED_HOST(p->pHostObject);
    object = p->pHostObject;
    if (object->real) {
        CUpti_Profiler_Host_Deinitialize_Params inner = *p;

        inner.pHostObject = object->real;
        real()->cuptiProfilerHostDeinitialize(&inner);
    }
    free(object->metrics.text);
    memset(object, 0, sizeof *object);
    free(object);
    return CUPTI_SUCCESS;
}

/* ---- what there is */
CUptiResult cuptiProfilerHostGetSupportedChips(CUpti_Profiler_Host_GetSupportedChips_Params *p)
{
    ENTER_WITH(p, CUpti_Profiler_Host_GetSupportedChips_Params);
    if (real())
        return real()->cuptiProfilerHostGetSupportedChips(p);
    p->numChips = sizeof catalogue_chips / sizeof *catalogue_chips;
    p->ppChipNames = catalogue_chips;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiProfilerHostGetBaseMetrics(CUpti_Profiler_Host_GetBaseMetrics_Params *p)
{
    static const char *names[sizeof catalogue / sizeof *catalogue];

    ENTER_WITH(p, CUpti_Profiler_Host_GetBaseMetrics_Params);
    NEED_HOST(p->pHostObject);
    if (real())
        FORWARD(cuptiProfilerHostGetBaseMetrics, p);
    p->numMetrics = 0;
    for (size_t i = 0; i < sizeof catalogue / sizeof *catalogue; i++)
        if (catalogue[i].type == p->metricType && catalogue_has(&catalogue[i], p->pHostObject->chip))
            names[p->numMetrics++] = catalogue[i].name;
    p->ppMetricNames = names;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiProfilerHostGetSubMetrics(CUpti_Profiler_Host_GetSubMetrics_Params *p)
{
    static const char *suffixes[] = {".sum", ".avg", ".min", ".max", ".pct", ".ratio", ".max_rate"};

    ENTER_WITH(p, CUpti_Profiler_Host_GetSubMetrics_Params);
    NEED_HOST(p->pHostObject);
    if (real())
        FORWARD(cuptiProfilerHostGetSubMetrics, p);
    p->ppSubMetrics = p->metricType == CUPTI_METRIC_TYPE_RATIO ? suffixes + 4 : suffixes;
    p->numOfSubmetrics = p->metricType == CUPTI_METRIC_TYPE_RATIO ? 3 : 4;
    return CUPTI_SUCCESS;
}

CUptiResult cuptiProfilerHostGetMetricProperties(CUpti_Profiler_Host_GetMetricProperties_Params *p)
{
    const struct entry *entry;

    ENTER_WITH(p, CUpti_Profiler_Host_GetMetricProperties_Params);
    NEED_HOST(p->pHostObject);
    NEED(p->pMetricName, CUPTI_ERROR_INVALID_PARAMETER, "no metric is named");
    if (real())
        FORWARD(cuptiProfilerHostGetMetricProperties, p);
    entry = catalogue_find(p->pMetricName, p->pHostObject->chip);
    if (!entry || !catalogue_suffix(entry, p->pMetricName, false))
        return CUPTI_ERROR_INVALID_METRIC_NAME;
    p->pDescription = entry->meaning;
    p->pHwUnit = "unit";
    p->pDimUnit = entry->unit;
    p->metricType = entry->type;
    return CUPTI_SUCCESS;
}

/* ---- the schedule */

/* A bad name is not told, and spoils the object. */
static CUptiResult add_to_catalogue(CUpti_Profiler_Host_ConfigAddMetrics_Params *p)
{
    CUpti_Profiler_Host_Object *object = p->pHostObject;

    if (object->poisoned)
        return CUPTI_ERROR_UNKNOWN;
    for (size_t i = 0; i < p->numMetrics; i++) {
        const struct entry *entry = catalogue_find(p->ppMetricNames[i], object->chip);

        object->poisoned = object->poisoned || !entry || !catalogue_suffix(entry, p->ppMetricNames[i], true);
    }
    return object->poisoned ? CUPTI_ERROR_INVALID_PARAMETER : CUPTI_SUCCESS;
}

static CUptiResult add_to_real(CUpti_Profiler_Host_ConfigAddMetrics_Params *p)
{
    FORWARD(cuptiProfilerHostConfigAddMetrics, p);
}

CUptiResult cuptiProfilerHostConfigAddMetrics(CUpti_Profiler_Host_ConfigAddMetrics_Params *p)
{
    CUptiResult result;

    ENTER_WITH(p, CUpti_Profiler_Host_ConfigAddMetrics_Params);
    NEED_HOST(p->pHostObject);
    NEED(p->numMetrics && p->ppMetricNames, CUPTI_ERROR_INVALID_PARAMETER, "no metrics are given");
    result = real() ? add_to_real(p) : add_to_catalogue(p);
    for (size_t i = 0; !result && i < p->numMetrics; i++)
        names_add(&p->pHostObject->metrics, p->ppMetricNames[i]);
    return result;
}

/* The real library's image of this object behind `room` bytes of ours; NULL if it has none. The caller frees it. */
static uint8_t *whole_image(const CUpti_Profiler_Host_Object *object, size_t room, size_t *size, uint64_t *passes)
{
    CUpti_Profiler_Host_GetConfigImageSize_Params s = {.structSize =
                                                           CUpti_Profiler_Host_GetConfigImageSize_Params_STRUCT_SIZE};
    CUpti_Profiler_Host_GetConfigImage_Params i = {.structSize = CUpti_Profiler_Host_GetConfigImage_Params_STRUCT_SIZE};
    CUpti_Profiler_Host_GetNumOfPasses_Params n = {.structSize = CUpti_Profiler_Host_GetNumOfPasses_Params_STRUCT_SIZE};
    uint8_t *bytes;

    s.pHostObject = i.pHostObject = object->real;
    if (object->real && real()->cuptiProfilerHostGetConfigImageSize(&s))
        return NULL;
    *size = room + s.configImageSize;
    bytes = calloc(1, *size);
    if (!bytes)
        abort();
    i.configImageSize = n.configImageSize = s.configImageSize;
    i.pConfigImage = n.pConfigImage = bytes + room;
    if (object->real && (real()->cuptiProfilerHostGetConfigImage(&i) || real()->cuptiProfilerHostGetNumOfPasses(&n))) {
        free(bytes);
        return NULL;
    }
    *passes =
        object->real ? n.numOfPasses : catalogue_passes(object->metrics.text, object->metrics.count, object->chip);
    *passes = (uint64_t)enter_number("STANDIN_PASSES", (long)*passes);
    return bytes;
}

/* The image of an object with metrics; NULL if the real library refuses. */
static uint8_t *make_image(const CUpti_Profiler_Host_Object *object, size_t *size)
{
    struct image head = {.magic = IMAGE_MAGIC};
    uint8_t *bytes = whole_image(object, sizeof head + object->metrics.size, size, &head.passes);

    if (!bytes)
        return NULL;
    head.size = *size;
    head.names_size = object->metrics.size;
    head.count = object->metrics.count;
    memcpy(head.chip, object->chip, sizeof head.chip);
    memcpy(bytes, &head, sizeof head);
    memcpy(bytes + sizeof head, object->metrics.text, object->metrics.size);
    return bytes;
}

CUptiResult cuptiProfilerHostGetConfigImageSize(CUpti_Profiler_Host_GetConfigImageSize_Params *p)
{
    uint8_t *bytes;

    ENTER_WITH(p, CUpti_Profiler_Host_GetConfigImageSize_Params);
    NEED_HOST(p->pHostObject);
    NEED(p->pHostObject->metrics.count, CUPTI_ERROR_INVALID_OPERATION, "no metrics were added");
    bytes = make_image(p->pHostObject, &p->configImageSize);
    free(bytes);
    return bytes ? CUPTI_SUCCESS : CUPTI_ERROR_UNKNOWN;
}

CUptiResult cuptiProfilerHostGetConfigImage(CUpti_Profiler_Host_GetConfigImage_Params *p)
{
    uint8_t *bytes;
    size_t size;

    ENTER_WITH(p, CUpti_Profiler_Host_GetConfigImage_Params);
    NEED_HOST(p->pHostObject);
    NEED(p->pHostObject->metrics.count, CUPTI_ERROR_INVALID_OPERATION, "no metrics were added");
    NEED(p->pConfigImage, CUPTI_ERROR_INVALID_PARAMETER, "no buffer for the image");
    bytes = make_image(p->pHostObject, &size);
    if (!bytes)
        return CUPTI_ERROR_UNKNOWN;
    if (p->configImageSize < size) {
        free(bytes);
        return RULE(CUPTI_ERROR_PARAMETER_SIZE_NOT_SUFFICIENT, "the buffer is smaller than the image");
    }
    memcpy(p->pConfigImage, bytes, size);
    free(bytes);
    return CUPTI_SUCCESS;
}

CUptiResult cuptiProfilerHostGetNumOfPasses(CUpti_Profiler_Host_GetNumOfPasses_Params *p)
{
    struct image head;

    ENTER_WITH(p, CUpti_Profiler_Host_GetNumOfPasses_Params);
    if (!is_image(p->pConfigImage, p->configImageSize))
        fall(__func__, "this is no config image"); /* so does the real one */
    memcpy(&head, p->pConfigImage, sizeof head);
    p->numOfPasses = head.passes;
    return CUPTI_SUCCESS;
}

#endif

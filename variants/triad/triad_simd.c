/*
 * Vectors of the widest kind that this CPU has, and stores that suit the size: a normal store first reads the line that it will
 * overwrite, a streaming store writes past the caches. Streaming saves a quarter of the traffic once the arrays are larger than
 * the last cache and costs a trip to memory while they are not; stores=auto takes it from there on.
 *
 * cflags: -ffp-contract=off
 */
#include "triad.h"

#include <unistd.h>

#if defined __x86_64__
#include <immintrin.h>
#elif defined __aarch64__
#include <arm_neon.h>
#endif

#define LAST_CACHE_UNKNOWN (INT64_C(32) << 20)

static const struct axis axes[] = {
    {"stores", "auto,normal,streaming", "auto", "how the result is stored; auto: streaming beyond the last-level cache",
     false},
    {0},
};

typedef void triad_loop(double *restrict a, const double *restrict b, const double *restrict c, double s, size_t n);

/* The elements that no vector of a loop covers. */
static void rest(double *restrict a, const double *restrict b, const double *restrict c, double s, size_t from,
                 size_t n)
{
    for (size_t i = from; i < n; i++)
        a[i] = b[i] + s * c[i];
}

/* One loop: two vectors of LANES doubles a turn; the arrays start at cache lines. */
#define TRIAD_LOOP(NAME, TARGET, LANES, LOAD, SET, ADD, MULTIPLY, STORE, FENCE)                                        \
    static TARGET void NAME(double *restrict a, const double *restrict b, const double *restrict c, double s,          \
                            size_t n)                                                                                  \
    {                                                                                                                  \
        __typeof__(SET(s)) factor = SET(s);                                                                            \
        size_t i = 0;                                                                                                  \
                                                                                                                       \
        for (; i + 2 * (LANES) <= n; i += 2 * (LANES)) {                                                               \
            __typeof__(SET(s)) low = ADD(LOAD(b + i), MULTIPLY(factor, LOAD(c + i)));                                  \
            __typeof__(SET(s)) high = ADD(LOAD(b + i + (LANES)), MULTIPLY(factor, LOAD(c + i + (LANES))));             \
                                                                                                                       \
            STORE(a + i, low);                                                                                         \
            STORE(a + i + (LANES), high);                                                                              \
        }                                                                                                              \
        (FENCE);                                                                                                       \
        rest(a, b, c, s, i, n);                                                                                        \
    }

#if defined __x86_64__
#define AVX2 __attribute__((target("avx2")))
#define AVX512 __attribute__((target("avx512f")))
#define SSE2
#define NO_FENCE (void)0
TRIAD_LOOP(normal_sse2, SSE2, 2, _mm_load_pd, _mm_set1_pd, _mm_add_pd, _mm_mul_pd, _mm_store_pd, NO_FENCE)
TRIAD_LOOP(stream_sse2, SSE2, 2, _mm_load_pd, _mm_set1_pd, _mm_add_pd, _mm_mul_pd, _mm_stream_pd, _mm_sfence())
TRIAD_LOOP(normal_avx2, AVX2, 4, _mm256_load_pd, _mm256_set1_pd, _mm256_add_pd, _mm256_mul_pd, _mm256_store_pd,
           NO_FENCE)
TRIAD_LOOP(stream_avx2, AVX2, 4, _mm256_load_pd, _mm256_set1_pd, _mm256_add_pd, _mm256_mul_pd, _mm256_stream_pd,
           _mm_sfence())
TRIAD_LOOP(normal_avx512, AVX512, 8, _mm512_load_pd, _mm512_set1_pd, _mm512_add_pd, _mm512_mul_pd, _mm512_store_pd,
           NO_FENCE)
TRIAD_LOOP(stream_avx512, AVX512, 8, _mm512_load_pd, _mm512_set1_pd, _mm512_add_pd, _mm512_mul_pd, _mm512_stream_pd,
           _mm_sfence())

static triad_loop *choose(bool streaming)
{
    if (__builtin_cpu_supports("avx512f"))
        return streaming ? stream_avx512 : normal_avx512;
    if (__builtin_cpu_supports("avx2"))
        return streaming ? stream_avx2 : normal_avx2;
    return streaming ? stream_sse2 : normal_sse2;
}
#elif defined __aarch64__
#define NEON
/* There is no intrinsic for the store that hints at streaming; it takes a pair of registers. */
#define STORE_PAIR(p, v) __asm__ volatile("stnp %d1, %d2, [%0]" : : "r"(p), "w"((v)[0]), "w"((v)[1]) : "memory")
TRIAD_LOOP(normal_neon, NEON, 2, vld1q_f64, vdupq_n_f64, vaddq_f64, vmulq_f64, vst1q_f64, (void)0)
TRIAD_LOOP(stream_neon, NEON, 2, vld1q_f64, vdupq_n_f64, vaddq_f64, vmulq_f64, STORE_PAIR, (void)0)

static triad_loop *choose(bool streaming)
{
    return streaming ? stream_neon : normal_neon;
}
#else
static triad_loop *choose(bool streaming)
{
    (void)streaming;
    return NULL;
}
#endif

static const char *probe(void)
{
    return choose(false) ? NULL : "there is vector code for x86-64 and aarch64 only";
}

static int64_t last_cache(void)
{
    long bytes = -1;

#ifdef _SC_LEVEL3_CACHE_SIZE
    bytes = sysconf(_SC_LEVEL3_CACHE_SIZE);
#endif
    return bytes > 0 ? bytes : LAST_CACHE_UNKNOWN;
}

struct simd {
    triad_loop *loop;
};

static void finish(struct run *r)
{
    free(r->state);
    r->state = NULL;
}

static int prepare(struct run *r)
{
    const char *stores = run_word(r, "stores");
    bool automatic = !strcmp(stores, "auto"), streaming = !strcmp(stores, "streaming");
    struct simd *s;

    if (!automatic && !streaming && strcmp(stores, "normal") != 0) {
        snprintf(r->error, sizeof r->error, "stores is %.40s, but must be auto, normal or streaming", stores);
        return -1;
    }
    r->state = s = calloc(1, sizeof *s);
    if (!s) {
        snprintf(r->error, sizeof r->error, "no memory");
        return -1;
    }
    s->loop = choose(streaming || (automatic && run_number(r, "size") > last_cache()));
    return 0;
}

static int run_simd(struct run *r)
{
    const struct simd *s = r->state;
    const struct triad *t = r->problem;

    s->loop(t->a, t->b, t->c, t->scalar, t->n);
    return 0;
}

const struct variant variant_triad_simd = {
    .abi = VARIANT_ABI,
    .version = "1",
    .summary = "the widest vectors of this CPU; streaming stores beyond the last-level cache",
    .axes = axes,
    .probe = probe,
    .prepare = prepare,
    .run = run_simd,
    .finish = finish,
};

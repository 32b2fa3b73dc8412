/*
 * The staged way to compute the set with vectors, for each instruction set that this architecture may have.
 *
 * Once |z| > 2 for a point of this region, the modulus only grows: dead is permanent, and infinity and NaN count as dead. So a
 * long block of iterations needs no test inside:
 *   - the first iterations test every time, because most points die there; survivors go to a list;
 *   - then blocks run without a test, several vectors in flight, each block as long as all before it together;
 *   - after a block, a point found dead goes back to its state before the block and is counted there, test by test; the living
 *     are packed together, so that no lane carries a dead point for longer than one block.
 * A picture is cut into tiles whose lists stay in the cache.
 *
 * An includer may define STAGED_FUSED 1: the squares are then fused, which is faster and moves a few pixels.
 */
#ifndef VARIANTS_MANDELBROT_MANDELBROT_STAGED_H
#define VARIANTS_MANDELBROT_MANDELBROT_STAGED_H

#include "mandelbrot.h"

#if defined __x86_64__
#include <immintrin.h>
#elif defined __aarch64__
#include <arm_neon.h>
#endif

#ifndef STAGED_FUSED
#define STAGED_FUSED 0
#endif

enum {
    STAGED_FIRST = 16, /* iterations that are tested one by one */
    STAGED_SLACK =
        128, /* entries behind a list's end that a vector may touch; at least one group of every instruction set */
    STAGED_TILE = 32768 /* pixels: the lists of a tile that is inside to a fifth fit in 256 KiB */
};

/* Points at work. After n iterations x and y hold z of iteration n, still untested: the test comes first in a step. */
struct staged_list {
    double *x, *y, *cx, *cy;
    int64_t *pixel;
};

struct staged {
    const struct staged_isa *isa;
    int64_t tile; /* pixels */
    struct staged_list live, dead;
    double *next; /* two groups: x and y after a block */
};

struct staged_isa {
    const char *name;
    /* Computes `count` pixels from `first` on. */
    void (*run)(const struct mandelbrot *m, const struct staged *s, int64_t first, int64_t count, int32_t *out);
};

static inline void staged_free(struct staged *s)
{
    if (!s)
        return;
    free(s->next); /* the one block that holds all arrays */
    free(s);
}

/* Room for tiles of `tile` pixels; NULL without memory. */
static inline struct staged *staged_make(const struct staged_isa *isa, int64_t tile)
{
    size_t room = ((size_t)tile + STAGED_SLACK + 7) / 8 * 8;
    struct staged *s = calloc(1, sizeof *s);
    double *block = aligned_alloc(64, (2 * STAGED_SLACK + 10 * room) * sizeof *block);

    if (!s || !block) {
        free(s);
        free(block);
        return NULL;
    }
    memset(block, 0, (2 * STAGED_SLACK + 10 * room) * sizeof *block);
    s->isa = isa;
    s->tile = tile;
    s->next = block;
    block += 2 * STAGED_SLACK;
    s->live = (struct staged_list){block, block + room, block + 2 * room, block + 3 * room, (void *)(block + 4 * room)};
    block += 5 * room;
    s->dead = (struct staged_list){block, block + room, block + 2 * room, block + 3 * room, (void *)(block + 4 * room)};
    return s;
}

/* How long the block after `done` iterations is: as long as all before it, within what is left. */
static inline int staged_length(int done, int maxiter)
{
    return done < maxiter - done ? done : maxiter - done;
}

/*
 * Ends the step of one vector before that of the next begins: a compiler that mixes the steps of all vectors needs more
 * registers than there are. The processor does the mixing.
 */
#if defined __aarch64__
#define STAGED_IN_ORDER(x, y) __asm__ volatile("" : "+w"(x), "+w"(y))
#else
#define STAGED_IN_ORDER(x, y) __asm__ volatile("" : "+v"(x), "+v"(y))
#endif

#if defined __x86_64__

#if !STAGED_FUSED
/* Two doubles, no fused instruction: the doubling is an addition. */
#define V(name) name##_sse2
#define V_TARGET
#define V_LANES 2
#define V_EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5)
#define V_GROUP 6
#define V_BITS(mask) ((unsigned)_mm_movemask_pd((__m128d)(mask)))
#include "mandelbrot_staged_vector.h"
#endif

/* Sixteen registers hold seven vectors' state; with eight the compilers spill. */
#define V(name) name##_avx2
#define V_TARGET __attribute__((target("avx2,fma")))
#define V_LANES 4
#define V_EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6)
#define V_GROUP 7
#define V_BITS(mask) ((unsigned)_mm256_movemask_pd((__m256d)(mask)))
#define V_FMA(a, b, c) _mm256_fmadd_pd(a, b, c)
#define V_FNMA(a, b, c) _mm256_fnmadd_pd(a, b, c)
/* Two pipes multiply and two others add: half of the doublings by either keeps all four busy. */
#define V_FUSED_DOUBLING(i) ((i) % 2 == 1)
#include "mandelbrot_staged_vector.h"

/* Thirty-two registers. */
#define V(name) name##_avx512
#define V_TARGET __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma,popcnt")))
#define V_LANES 8
#define V_EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#define V_GROUP 8
#define V_MASK_REGISTERS 1
#define V_FMA(a, b, c) _mm512_fmadd_pd(a, b, c)
#define V_FNMA(a, b, c) _mm512_fnmadd_pd(a, b, c)
/* The pipes are two for everything: the fewest instructions win. */
#define V_FUSED_DOUBLING(i) 1
#include "mandelbrot_staged_vector.h"

#elif defined __aarch64__

#define V(name) name##_neon
#define V_TARGET
#define V_LANES 2
#define V_EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7)
#define V_GROUP 8
#define V_BITS(mask) ((unsigned)((mask)[0] & 1) | (unsigned)((mask)[1] & 2))
#define V_FMA(a, b, c) ((vec_neon)vfmaq_f64((float64x2_t)(c), (float64x2_t)(a), (float64x2_t)(b)))
#define V_FNMA(a, b, c) ((vec_neon)vfmsq_f64((float64x2_t)(c), (float64x2_t)(a), (float64x2_t)(b)))
#define V_FUSED_DOUBLING(i) 1
#include "mandelbrot_staged_vector.h"

#endif

/* What this architecture may have, the widest first. */
static const struct staged_isa staged_isas[] = {
#if defined __x86_64__
    {"avx512", tile_avx512},
    {"avx2", tile_avx2},
#if !STAGED_FUSED
    {"sse2", tile_sse2},
#endif
#elif defined __aarch64__
    {"neon", tile_neon},
#endif
    {NULL, NULL},
};

/* Does this CPU, and the system on it, have the instruction set? */
static inline bool staged_has(const char *isa)
{
#if defined __x86_64__
    if (!strcmp(isa, "avx512"))
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    if (!strcmp(isa, "avx2"))
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    return !strcmp(isa, "sse2");
#elif defined __aarch64__
    return !strcmp(isa, "neon");
#else
    (void)isa;
    return false;
#endif
}

/* The widest that this CPU has, or NULL. */
static inline const struct staged_isa *staged_widest(void)
{
    for (const struct staged_isa *i = staged_isas; i->name; i++)
        if (staged_has(i->name))
            return i;
    return NULL;
}

static inline const char *staged_probe(void)
{
#if !defined __x86_64__ && !defined __aarch64__
    return "there is vector code for x86-64 and aarch64 only";
#elif STAGED_FUSED
    return staged_widest() ? NULL : "this CPU has no fused multiply-add with vectors (x86-64: AVX2 and FMA)";
#else
    return NULL;
#endif
}

static inline void staged_finish(struct run *r)
{
    staged_free(r->state);
    r->state = NULL;
}

/* For a variant on one core: its state is one set of lists. */
static inline int staged_prepare(struct run *r, const struct staged_isa *isa)
{
    int64_t pixels = mandelbrot_pixels(r->problem);

    r->state = isa ? staged_make(isa, pixels < STAGED_TILE ? pixels : STAGED_TILE) : NULL;
    if (r->state)
        return 0;
    snprintf(r->error, sizeof r->error, "%s",
             isa ? "no memory for the lists of points" : "this CPU has no such vectors");
    return -1;
}

/* Tile `number` of the picture; false if there is none. */
static inline bool staged_run_tile(const struct run *r, const struct staged *s, int64_t number)
{
    int64_t first = number * s->tile, left = mandelbrot_pixels(r->problem) - first;

    if (left <= 0)
        return false;
    s->isa->run(r->problem, s, first, left < s->tile ? left : s->tile, r->output);
    return true;
}

static inline int staged_run(struct run *r)
{
    for (int64_t number = 0; staged_run_tile(r, r->state, number);)
        number++;
    return 0;
}

#endif

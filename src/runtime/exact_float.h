/* For files that compute with floats, as their first include: products are rounded before they are
 * added to, whatever the compiler's flags and default, so that the same bits come out everywhere.
 * clang with an explicit -ffp-contract=fast heeds no pragma; the self-test tells. Tested by
 * emit_compile_test.cc. */
#ifndef MOTE_RUNTIME_EXACT_FLOAT_H
#define MOTE_RUNTIME_EXACT_FLOAT_H

#include <float.h>

#if defined(__FAST_MATH__) || (defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__)
#error "compile this file without -ffast-math and its parts: its outputs would not be the host's"
#endif
#if FLT_EVAL_METHOD != 0
#error "this compiler computes floats in another precision: on x86 give -mfpmath=sse -msse2"
#endif

/* GCC knows no FP_CONTRACT. Its own pragma renews all options of optimization, which changes code
 * for processors without such an instruction, so they are spared it. */
#if defined(__GNUC__) && !defined(__clang__)
#if defined(__FP_FAST_FMAF) || defined(__FP_FAST_FMA)
#pragma GCC optimize("fp-contract=off")
#endif
#else
#pragma STDC FP_CONTRACT OFF
#endif

#endif

/* How the functions of these files are linked: by C++, and by projects of several models, each of
 * which brings its own copy of them (docs/decisions/0003-copies-of-kernels.md). Tested by
 * emit_compile_test.cc. */
#ifndef MOTE_RUNTIME_LINKAGE_H
#define MOTE_RUNTIME_LINKAGE_H

/* Around declarations. */
#ifdef __cplusplus
#define MOTE_C_BEGIN extern "C" {
#define MOTE_C_END }
#else
#define MOTE_C_BEGIN
#define MOTE_C_END
#endif

/* Of static functions, in place of `inline`: walks that take what they do from the file that
 * includes them cost nothing where they are part of their callers. */
#if defined(__GNUC__)
#define MOTE_INLINED inline __attribute__((always_inline))
#else
#define MOTE_INLINED inline
#endif

/* Of static functions that are rarely called: inlined they would take registers from the loops of
 * kernels. */
#if defined(__GNUC__)
#define MOTE_RARE __attribute__((noinline, unused))
#else
#define MOTE_RARE
#endif

/* Before a definition: where there are several, all the same, the linker takes any. Only the
 * definition is weak: a reference to it still makes the linker look for one, in libraries too. */
#define MOTE_PRAGMA(text) _Pragma(#text)
#if defined(__TI_COMPILER_VERSION__) && !defined(__clang__)
#define MOTE_SHARED(function) MOTE_PRAGMA(WEAK(function))
#else /* GCC, clang, armclang, armcc, IAR */
#define MOTE_SHARED(function) MOTE_PRAGMA(weak function)
#endif

#endif

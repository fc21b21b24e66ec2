#include "bench/peak.h"

#include <cstdint>
#include <ctime>

namespace mote::bench {
namespace {

#if defined(__x86_64__)

// Twelve sums, so that none waits for its last addition. In assembly: a compiler would see that
// nothing is computed.
#define MOTE_TWELVE(X) X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10) X(11)
#define MOTE_MADD_AVX2(i)                  \
  "vpmaddwd %%ymm14, %%ymm15, %%ymm13\n\t" \
  "vpaddd %%ymm13, %%ymm" #i ", %%ymm" #i "\n\t"
#define MOTE_DOT_S8(i) "vpdpbusd %%zmm14, %%zmm15, %%zmm" #i "\n\t"
#define MOTE_DOT_S16(i) "vpdpwssd %%zmm14, %%zmm15, %%zmm" #i "\n\t"
#define MOTE_MULTIPLY_ADD(register, i) \
  "vmulps %%" register "14, %%" register "15, %%" register "13\n\t"                \
  "vaddps %%" register "13, %%" register #i ", %%" register #i "\n\t"
#define MOTE_MULTIPLY_ADD_AVX2(i) MOTE_MULTIPLY_ADD("ymm", i)
#define MOTE_MULTIPLY_ADD_AVX512(i) MOTE_MULTIPLY_ADD("zmm", i)
#define MOTE_CLOBBERED                                                                     \
  "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", \
      "xmm11", "xmm13"

void madd_avx2() {
  __asm__ volatile(MOTE_TWELVE(MOTE_MADD_AVX2)::: MOTE_CLOBBERED);
}
void dot_s8_avx512() {
  __asm__ volatile(MOTE_TWELVE(MOTE_DOT_S8)::: MOTE_CLOBBERED);
}
void dot_s16_avx512() {
  __asm__ volatile(MOTE_TWELVE(MOTE_DOT_S16)::: MOTE_CLOBBERED);
}

void multiply_add_avx2() {
  __asm__ volatile(MOTE_TWELVE(MOTE_MULTIPLY_ADD_AVX2)::: MOTE_CLOBBERED);
}
void multiply_add_avx512() {
  __asm__ volatile(MOTE_TWELVE(MOTE_MULTIPLY_ADD_AVX512)::: MOTE_CLOBBERED);
}

// `body` executes twelve instructions of `macs` each.
template <void (*body)()>
double rate(int macs) {
  constexpr int64_t kTimes = 1'000'000;
  const std::clock_t start = std::clock();
  __asm__ volatile("vzeroall" ::
                       : MOTE_CLOBBERED, "xmm12", "xmm14", "xmm15");  // no denormal factors
  for (int64_t i = 0; i < kTimes; i++) body();
  const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  return static_cast<double>(kTimes) * 12 * macs / seconds;
}

#endif

}  // namespace

double peak_macs_per_second([[maybe_unused]] std::string_view isa,
                            [[maybe_unused]] Factors factors) {
#if defined(__x86_64__)
  if (isa == "avx2")
    return factors == Factors::float32 ? rate<multiply_add_avx2>(8) : rate<madd_avx2>(16);
  if (isa == "avx512") {
    if (factors == Factors::float32) return rate<multiply_add_avx512>(16);
    return factors == Factors::int8 ? rate<dot_s8_avx512>(64) : rate<dot_s16_avx512>(32);
  }
#endif
  return 0;
}

}  // namespace mote::bench

#include "autograd/network.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace mote::autograd {

bool gains_from_bf16() {
#if defined(__x86_64__)
  // AVX512_BF16; every processor with AMX_BF16 has it too.
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) && (eax & (1u << 5)) != 0;
#else
  return false;
#endif
}

}  // namespace mote::autograd

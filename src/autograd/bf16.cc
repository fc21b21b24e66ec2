#include <dlfcn.h>

#include <optional>

#include "autograd/network.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace mote::autograd {
namespace {

// Sets of instructions as dnnl_cpu_isa_t of oneDNN numbers them.
constexpr int kAvx512 = 0x27;
constexpr int kAvx512Bf16 = 0xe7;

// What oneDNN may use: the processor's instructions but for those that ONEDNN_MAX_CPU_ISA keeps
// from it. Nothing where libtorch hides its oneDNN.
std::optional<int> onednn_instructions() {
  using Get = int (*)();
  const auto get = reinterpret_cast<Get>(dlsym(RTLD_DEFAULT, "dnnl_get_effective_cpu_isa"));
  if (!get) return std::nullopt;
  return get();
}

bool onednn_may(int instructions) {
  const std::optional<int> all = onednn_instructions();
  return !all || (*all & instructions) == instructions;
}

}  // namespace

bool gains_from_bf16() {
#if defined(__x86_64__)
  // AVX512_BF16; every processor with AMX_BF16 has it too.
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 1, &eax, &ebx, &ecx, &edx) && (eax & (1u << 5)) != 0 &&
         onednn_may(kAvx512Bf16);
#else
  return false;
#endif
}

bool computes_bf16() {
#if defined(__x86_64__)
  // libtorch asks the processor, not oneDNN, whether oneDNN is to compute it.
  return !__builtin_cpu_supports("avx512bw") || onednn_may(kAvx512);
#else
  return true;
#endif
}

}  // namespace mote::autograd

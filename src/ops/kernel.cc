#include "ops/kernel.h"

#include <cstddef>

#include <fmt/format.h>

#include "base/error.h"

extern "C" {
#include "generated/kernel_headers.h"
}

namespace mote {
namespace {

template <class T>
constexpr FieldType field_type();
template <>
constexpr FieldType field_type<int32_t>() {
  return FieldType::int32;
}
template <>
constexpr FieldType field_type<float>() {
  return FieldType::float32;
}

// `call` forwards to a typed C function.
template <class ParamsStruct, auto function>
void call(const void* params, const mote_operand* operands, int32_t row_begin, int32_t row_end) {
  function(static_cast<const ParamsStruct*>(params), operands, row_begin, row_end);
}

}  // namespace

#define MOTE_TABLE_FIELD(c_type, field) {#field, field_type<c_type>(), offsetof(Struct, field)},
#define MOTE_PARAMS(name)                                                                    \
  template <>                                                                                \
  const ParamsType& params_type<mote_##name##_params>() {                                    \
    using Struct = mote_##name##_params;                                                     \
    static const ParamsType type{                                                            \
        "mote_" #name "_params", sizeof(Struct), {MOTE_FIELDS_OF_##name(MOTE_TABLE_FIELD)}}; \
    return type;                                                                             \
  }
#define MOTE_KERNEL(function, kernel, params, variant, isa, priority, weights, cases)
#define MOTE_VARIANT(function, kernel, params, variant, isa, priority, weights, cases, prepare) \
  bool prepare(Call& call, std::vector<Constant>& constants);
#include "generated/kernels.inc"
#undef MOTE_PARAMS
#undef MOTE_KERNEL
#undef MOTE_VARIANT

std::span<const Kernel> kernels() {
  static const std::vector<Kernel> table = {
#define MOTE_PARAMS(name)
#define MOTE_KERNEL(function, kernel, params, variant, isa, priority, weights, cases) \
  MOTE_VARIANT(function, kernel, params, variant, isa, priority, weights, cases, nullptr)
#define MOTE_VARIANT(function, kernel, params, variant, isa, priority, weights, cases, prepare) \
  {#kernel,                                                                                     \
   #variant,                                                                                    \
   #isa,                                                                                        \
   priority,                                                                                    \
   Weights::weights,                                                                            \
   #cases,                                                                                      \
   "mote_" #function,                                                                           \
   MOTE_KERNEL_FOLDER #function ".c",                                                           \
   &params_type<mote_##params##_params>(),                                                      \
   &call<mote_##params##_params, mote_##function>,                                              \
   prepare},
#include "generated/kernels.inc"
#undef MOTE_PARAMS
#undef MOTE_KERNEL
#undef MOTE_VARIANT
  };
  return table;
}

const Kernel& find_kernel(std::string_view name, std::string_view variant) {
  for (const Kernel& kernel : kernels())
    if (kernel.name == name && kernel.variant == variant) return kernel;
  throw Error(ErrorKind::internal, fmt::format("no kernel {} in variant {}", name, variant));
}

bool choose(const Kernel& kernel, Call& call, std::vector<Constant>& constants) {
  if (kernel.prepare != nullptr && !kernel.prepare(call, constants)) return false;
  call.variant = kernel.variant;
  return true;
}

}  // namespace mote

#include "ir/op.h"

namespace mote {
namespace {

constexpr std::string_view kNames[] = {
#define MOTE_OP(Name, folder) #Name,
#include "ops/ops.inc"
#undef MOTE_OP
    "nothing",
};
static_assert(std::size(kNames) == std::variant_size_v<AnyAttributes>);

}  // namespace

template <class Attributes>
const Attributes& as(const Op& op) {
  return std::get<Attributes>(op);
}
template <class Attributes>
Attributes& as(Op& op) {
  return std::get<Attributes>(op);
}
#define MOTE_OP(Name, folder)                            \
  template const ops::Name& as<ops::Name>(const Op& op); \
  template ops::Name& as<ops::Name>(Op & op);
#include "ops/ops.inc"
#undef MOTE_OP

std::string_view name_of(const Op& op) {
  return kNames[op.index()];
}

std::optional<Op> parse_op(std::string_view name) {
#define MOTE_OP(Name, folder) \
  if (name == #Name) return ops::Name{};
#include "ops/ops.inc"
#undef MOTE_OP
  return std::nullopt;
}

}  // namespace mote

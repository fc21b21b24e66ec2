#include "ir/op.h"

namespace mote {
namespace {

constexpr std::string_view kNames[] = {
#define MOTE_OP(Name, folder) #Name,
#include "ops/ops.inc"
#undef MOTE_OP
    "nothing",
};
static_assert(std::size(kNames) == std::variant_size_v<Op>);

}  // namespace

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

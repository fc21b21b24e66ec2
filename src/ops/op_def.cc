#include "ops/op_def.h"

#include "base/error.h"
#include "ir/op.h"

namespace mote {

Cost no_cost(const Op&, Types, Types) {
  return {};
}

Channels same_channels(const Op&, Types, Types, Edge) {
  return moved_channels(0, 1);
}

Channels all_channels(const Op&, Types, Types, Edge) {
  return grouped_channels(1);
}

#define MOTE_OP(Name, folder) \
  template <>                 \
  const OpDef& definition<ops::Name>();
#include "ops/ops.inc"
#undef MOTE_OP

std::span<const OpDef* const> op_defs() {
  static const std::vector<const OpDef*> table = {
#define MOTE_OP(Name, folder) &definition<ops::Name>(),
#include "ops/ops.inc"
#undef MOTE_OP
  };
  return table;
}

const OpDef& op_def(const Op& op) {
  const auto table = op_defs();
  if (op.index() >= table.size()) throw Error(ErrorKind::internal, "a node without an operator");
  return *table[op.index()];
}

}  // namespace mote

// Op: one attribute struct of any operator. The list is ops/ops.inc; the build includes each
// operator's ops/<op>/<op>.h through the generated file below. Each struct lists its fields once,
// in `visit`; printing, parsing and comparison derive from that. Tested by program_test.cc.
#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "generated/attributes.h"  // written by CMake from ops/ops.inc
#include "ir/opaque_op.h"

namespace mote {

using AnyAttributes = std::variant<
#define MOTE_OP(Name, folder) ops::Name,
#include "ops/ops.inc"
#undef MOTE_OP
    std::monostate>;  // last, so that the list above may end in a comma; never in a verified graph

// A type of its own, so that headers can name it without the list of operators.
struct Op : AnyAttributes {
  using AnyAttributes::AnyAttributes;
};

// "Conv2D", and back: with every attribute at its default; nothing for an unknown name.
std::string_view name_of(const Op& op);
std::optional<Op> parse_op(std::string_view name);

}  // namespace mote

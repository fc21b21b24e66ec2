// The text form of a Graph, docs/ir.md: what errors, pass tests and `.mote` files show. Small
// constants stand inline; large ones are named with their CRC-32 and travel beside the text.
// parse(print(g)) == g. Tested by text_test.cc.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "ir/graph.h"

namespace mote {

// The large constants by value name, as they travel beside the text. A mask is where its data is.
struct StoredConstant {
  std::shared_ptr<const Bytes> data;
  std::shared_ptr<const Bytes> mask = nullptr;
};
using ConstantStore = std::map<std::string, StoredConstant>;

struct PrintedGraph {
  std::string text;
  ConstantStore constants;
};

// Constants of up to `inline_elements` elements stand in the text.
PrintedGraph print(const Graph& graph, int64_t inline_elements = 16);
// Throws Error{invalid_input} that names line and column, the constant whose CRC differs, or that
// is missing. `where` (a file name) goes into the errors.
Graph parse(std::string_view text, const ConstantStore& constants, const std::string& where = {});

}  // namespace mote

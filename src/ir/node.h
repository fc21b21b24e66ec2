// Node: one operator of a Graph, with the values that it reads and makes. Apart from graph.h, since
// it changes with every new operator.
#pragma once

#include <string>
#include <vector>

#include "ir/graph.h"
#include "ir/op.h"

namespace mote {

struct Node {
  Op op;
  std::vector<ValueId> inputs;  // kNoValue where an optional input is absent
  std::vector<ValueId> outputs;
  std::string origin;  // the node's name in the user's file

  bool operator==(const Node&) const = default;
};

}  // namespace mote

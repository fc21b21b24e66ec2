// What training changes of a node, channel by channel of what it makes. Inside prune/ only; tested
// by channels_test.cc.
#pragma once

#include "ir/node.h"
#include "passes/node_channels.h"

namespace mote::compress {

// Calls visit(operand, channels) for what training changes of a node, each an element or more of
// every channel of output 0.
template <class Visit>
void for_each_parameter(const Graph& graph, const Node& node, Visit&& visit) {
  const passes::NodeChannels channels(graph, node);
  for (const int32_t operand : op_def(node.op).trainable_inputs) {
    const auto i = static_cast<size_t>(operand);
    if (i >= node.inputs.size() || node.inputs[i] == kNoValue || !channels.constant(i)) continue;
    const Channels of = channels.of({i, 0});
    if (of.kind == Channels::Kind::weights || of.kind == Channels::Kind::parameter) visit(i, of);
  }
}

}  // namespace mote::compress

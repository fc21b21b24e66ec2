#include "ir/node.h"
#include "passes/passes.h"

namespace mote::passes {
namespace {

// A quantized Pad writes the zero point, which is what a convolution takes the border for: real 0.
bool pads_images_with_zeros(const Node& node) {
  const auto* pad = std::get_if<ops::Pad>(&node.op);
  return pad && pad->value == 0.0f && pad->before.size() == 4 && pad->before[0] == 0 &&
         pad->after[0] == 0 && pad->before[3] == 0 && pad->after[3] == 0;
}

Padding* padding_of(Op& op) {
  if (auto* conv = std::get_if<ops::Conv2D>(&op)) return &conv->padding;
  if (auto* conv = std::get_if<ops::DepthwiseConv2D>(&op)) return &conv->padding;
  return nullptr;
}

}  // namespace

bool fold_pad(Graph& graph) {
  const std::vector<int32_t> makers = producers(graph);
  bool changed = false;
  for (Node& node : graph.nodes) {
    Padding* padding = padding_of(node.op);
    const int32_t maker = padding ? makers[static_cast<size_t>(node.inputs[0])] : -1;
    if (maker < 0 || !pads_images_with_zeros(graph.nodes[static_cast<size_t>(maker)])) continue;
    const Node& pad_node = graph.nodes[static_cast<size_t>(maker)];
    const auto& pad = std::get<ops::Pad>(pad_node.op);
    padding->top += pad.before[1];
    padding->bottom += pad.after[1];
    padding->left += pad.before[2];
    padding->right += pad.after[2];
    node.inputs[0] = pad_node.inputs[0];
    changed = true;
  }
  return changed;
}

}  // namespace mote::passes

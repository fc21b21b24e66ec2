#include <algorithm>
#include <optional>

#include "ir/node.h"
#include "ops/window.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

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

// Nothing where the sum is more than a convolution takes.
std::optional<Padding> sum_of(const Padding& padding, const ops::Pad& pad) {
  const int64_t sums[] = {
      int64_t{padding.top} + pad.before[1], int64_t{padding.bottom} + pad.after[1],
      int64_t{padding.left} + pad.before[2], int64_t{padding.right} + pad.after[2]};
  if (std::ranges::max(sums) > kLargestWindow) return std::nullopt;
  return Padding{static_cast<int32_t>(sums[0]), static_cast<int32_t>(sums[1]),
                 static_cast<int32_t>(sums[2]), static_cast<int32_t>(sums[3])};
}

}  // namespace

bool fold_pad(Graph& graph) {
  Rewriter rewriter(graph);
  for (int32_t index = 0; index < rewriter.node_count(); index++) {
    Padding* padding = padding_of(rewriter.op(index));
    const int32_t maker = padding ? rewriter.maker(rewriter.node(index).inputs[0]) : -1;
    if (maker < 0 || !pads_images_with_zeros(rewriter.node(maker))) continue;
    const std::optional<Padding> sum =
        sum_of(*padding, std::get<ops::Pad>(rewriter.node(maker).op));
    if (!sum) continue;
    *padding = *sum;
    rewriter.set_input(index, 0, rewriter.node(maker).inputs[0]);
  }
  return rewriter.finish();
}

}  // namespace mote::passes

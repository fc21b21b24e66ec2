// What the numbers of each channel of a graph lie between, whatever the inputs of the graph: which
// channels always hold the same number, in the first place. Tested by channel_ranges_test.cc.
#pragma once

#include <limits>
#include <vector>

#include "ir/graph.h"

namespace mote::passes {

// Integers for quantized values, which doubles hold exactly.
struct ChannelRange {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();

  bool constant() const { return least == most; }
  bool operator==(const ChannelRange&) const = default;
};

// Layers of floats: what a weight of 0 makes of an infinity or a NaN, and of the sign of a zero, is
// lost where it is taken for nothing.
enum class FloatLayers { as_they_are, with_finite_numbers };

struct ChannelRanges {
  // By value, by channel, at all positions; empty for constants.
  std::vector<std::vector<ChannelRange>> of_value;
  // By node: whether it is a layer of integers whose sums are proven to stay within their bits.
  std::vector<bool> proven;

  const ChannelRange& of(ValueId value, int32_t channel) const {
    return of_value[static_cast<size_t>(value)][static_cast<size_t>(channel)];
  }
};

// Of sums of products of integers follow exact bounds. A channel of a layer of floats is a number
// where all its weights that are not 0 meet numbers. Any other node is run on what it reads where
// that is one number in each channel that counts: what it then makes everywhere alike, it always
// makes.
ChannelRanges channel_ranges(const Graph& graph, FloatLayers floats);

}  // namespace mote::passes

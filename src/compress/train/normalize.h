// Batch norms for the time of a training. Imported networks, and all optimized ones, have theirs
// folded into the weights; without them fine-tuning bears small learning rates only. They are
// absorbed again by passes::optimize. Tested by normalize_test.cc.
#pragma once

#include <cstdint>
#include <span>

#include "ir/graph.h"

namespace mote::compress {

// The graph with a BatchNorm (1502.03167) behind each convolution, before its activation, that
// computes what it did: the statistics are those of what the convolution computes for the `count`
// inputs ([count, ...], after preprocessing), gamma and beta undo them. The convolution's bias is
// gone, in beta. Left as they are: the last layer with weights, dense layers, and those whose
// activation is no node of its own. Masks stay; gamma and beta are masked where a channel's weights
// all are.
Graph with_batch_norms(const Graph& graph, std::span<const float> inputs, int32_t count);

}  // namespace mote::compress

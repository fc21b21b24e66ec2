// Batch norms for the time of a training. Imported networks, and all optimized ones, have theirs
// folded into the weights; without them fine-tuning bears small learning rates only. They are
// absorbed again by passes::optimize, or, where weights are fake-quantized, by absorb_batch_norms.
// Tested by normalize_test.cc.
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
// all are. Of a graph that is fake-quantized the statistics are those of the fake-quantized one.
Graph with_batch_norms(const Graph& graph, std::span<const float> inputs, int32_t count);

// Makes batch norms part of the layers before them whose weights are annotated by channel, exactly:
// each weight keeps its integer, or gets the negative one where gamma is negative, at |gamma| /
// sqrt(variance + epsilon) times the scale. The weights end at multiples of their scales.
void absorb_batch_norms(Graph& graph);

}  // namespace mote::compress

// The layers into which factors fold: those whose output is a sum of products of inputs with
// constant float weights. Which channels a weight connects the operator's `channels` says
// (ops/channels.h). Tested by the passes' tests.
#pragma once

#include <optional>
#include <vector>

#include "passes/rewriter.h"

namespace mote::passes {

struct WeightedLayer {
  int32_t output_channels;
  int32_t input_channels;
  std::vector<int32_t> output_of;  // the output channel of each weight, row-major
  std::vector<int32_t> input_of;   // the input channel of each weight
  bool border;                     // some positions of the output read zeros beside the input
};

// Nothing for another node, and where weights or bias are not constants of float32.
std::optional<WeightedLayer> weighted_layer(const Graph& graph, const Node& node);

std::vector<float> weights_of(const Graph& graph, const Node& node);
// Zeros where the layer has no bias.
std::vector<float> bias_of(const Graph& graph, const Node& node, const WeightedLayer& layer);

// Changes the constant of node `index` in its place where nothing else uses it, and else gives the
// node its own.
void set_weights(Rewriter& rewriter, int32_t index, const std::vector<float>& weights);
void set_bias(Rewriter& rewriter, int32_t index, const std::vector<float>& bias);

}  // namespace mote::passes

// The layers into which factors fold, those whose output is a sum of products of inputs with
// constant float weights, and the batch norms that have them. Tested by the passes' tests.
#pragma once

#include <optional>
#include <vector>

#include "passes/node_channels.h"
#include "passes/rewriter.h"

namespace mote::passes {

// Nothing for another node, and where weights or bias are not constants of float32.
std::optional<Layer> weighted_layer(const Graph& graph, const Node& node);

std::vector<float> weights_of(const Graph& graph, const Node& node);
// Zeros where the node has no bias.
std::vector<float> bias_of(const Graph& graph, const Node& node);

// Changes the constant of node `index` in its place where nothing else uses it, and else gives the
// node its own.
void set_weights(Rewriter& rewriter, int32_t index, const std::vector<float>& weights);
void set_bias(Rewriter& rewriter, int32_t index, const std::vector<float>& bias);

// What a BatchNorm of constants is at inference, by channel: scale * in + shift.
struct Affine {
  std::vector<double> scale;
  std::vector<double> shift;
};
Affine affine_of(const Graph& graph, const Node& batch_norm);

}  // namespace mote::passes

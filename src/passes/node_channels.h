// How the channels of one node's outputs depend on those of its operands: what its operator says
// (OpDef::channels), for the types that the node has. Tested by channel_groups_test.cc.
#pragma once

#include <optional>
#include <vector>

#include "ir/graph.h"
#include "ir/node.h"
#include "ops/op_def.h"

namespace mote::passes {

class NodeChannels {
 public:
  NodeChannels(const Graph& graph, const Node& node);

  const Graph& graph;
  const Node& node;
  const std::vector<TensorType> inputs;  // those that are absent have an empty shape
  const std::vector<TensorType> outputs;

  Channels of(Edge edge) const { return op_def(node.op).channels(node.op, inputs, outputs, edge); }
  int32_t input_count(size_t input) const { return channel_count(inputs[input].shape); }
  int32_t output_count(size_t output) const { return channel_count(outputs[output].shape); }
  bool constant(size_t input) const { return graph.value(node.inputs[input]).constant(); }
};

// A layer: a sum of products of operand 0 with constant weights, and a constant bias or none.
struct Layer {
  const Value* weights;
  const Value* bias;  // null: it has none
  Channels of_weights;
  Channels of_input;  // grouped
  int32_t input_channels;
  int32_t output_channels;
  // In each group of channels.
  int32_t group_inputs;
  int32_t group_outputs;
};

// Nothing for another node, where weights or bias are computed, and where columns of a dense layer
// meet pieces of the input other than whole positions, so that none belongs to one channel.
std::optional<Layer> layer_of(const NodeChannels& channels);

// Whether the weights are floats; others quantize float inputs on the fly, all channels by one
// scale.
bool has_float_weights(const NodeChannels& channels, const Layer& layer);

// Which channels each weight connects, row-major.
struct WeightChannels {
  std::vector<int32_t> input;
  std::vector<int32_t> output;
};
WeightChannels weight_channels_of(const Layer& layer);

}  // namespace mote::passes

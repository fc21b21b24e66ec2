// Graphs whose weights every storage holds: halves for float32; for int8 the values of 2 bits, most
// of them zeros that lie in blocks.
#pragma once

#include <memory>
#include <vector>

#include "ir/node.h"
#include "runtime/arithmetic/float16.h"

namespace mote::testing {

// The second input of every node that has a constant one: a layer's weights.
inline Graph with_packable_weights(Graph graph) {
  for (const Node& node : graph.nodes) {
    if (node.inputs.size() < 2 || !graph.value(node.inputs[1]).constant()) continue;
    Value& weights = graph.value(node.inputs[1]);
    Bytes bytes = *weights.data;
    if (weights.type.dtype == DType::int8)
      for (size_t i = 0; i < bytes.size(); i++)
        bytes[i] =
            static_cast<uint8_t>(weights.data->at(i / 4 * 4) % 3 != 0 ? 0 : bytes[i] % 4 - 2);
    if (weights.type.dtype == DType::float32) {
      std::vector<uint16_t> halves;
      for (const float value : data_as<float>(weights)) halves.push_back(mote_f16_from_f32(value));
      bytes = to_bytes(std::span<const uint16_t>(halves));
      weights.type.dtype = DType::float16;
    }
    weights.data = std::make_shared<const Bytes>(std::move(bytes));
  }
  return graph;
}

// int8 weights of 4 bits, none of them 0.
inline Graph with_four_bits(Graph graph) {
  for (const Node& node : graph.nodes) {
    if (node.inputs.size() < 2 || !graph.value(node.inputs[1]).constant()) continue;
    Value& weights = graph.value(node.inputs[1]);
    Bytes bytes = *weights.data;
    for (uint8_t& byte : bytes) byte = static_cast<uint8_t>(byte % 7 + 1);
    weights.data = std::make_shared<const Bytes>(std::move(bytes));
  }
  return graph;
}

// The same network in float32.
inline Graph with_wide_constants(Graph graph) {
  for (Value& value : graph.values) value = widened(value);
  return graph;
}

}  // namespace mote::testing

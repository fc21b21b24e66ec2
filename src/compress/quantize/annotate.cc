#include "compress/quantize/annotate.h"

#include <algorithm>

#include "autograd/fake_quantization.h"
#include "compress/quantize/layer_bits.h"
#include "compress/quantize/post_training.h"
#include "ir/node.h"
#include "ops/op_def.h"
#include "passes/weighted_layer.h"

namespace mote::compress {

Graph with_annotated_weights(const Graph& given, const QuantizeOptions& options,
                             const CalibrationSamples& samples) {
  if (options.looks_at_samples()) return fitted_to_samples(given, options, samples);
  constexpr size_t kWeights = 1;
  Graph graph = given;
  const std::vector<int32_t> bits = layer_bits_of(graph, options);
  passes::Rewriter rewriter(graph);
  for (int32_t i = 0; i < std::ssize(bits); i++) {
    if (bits[static_cast<size_t>(i)] == 0) continue;
    // Where other nodes read them too, these are of its own from here on.
    passes::set_weights(rewriter, i, passes::weights_of(graph, rewriter.node(i)));
    const Node& node = rewriter.node(i);
    Value& weights = graph.value(node.inputs[kWeights]);
    if (weights.type.quantization) continue;
    const InputRule rule = op_def(node.op).quantization(node.op, options.scheme).input(kWeights);
    weights.type.quantization = weight_quantization(weights, options.scale_axis(rule.axis),
                                                    bits[static_cast<size_t>(i)], options.scales);
  }
  rewriter.finish();
  return graph;
}

bool is_annotated(const Graph& graph) {
  return std::ranges::any_of(graph.values, [](const Value& value) {
    return value.type.dtype == DType::float32 && value.type.quantization.has_value();
  });
}

bool has_annotated_weights(const Graph& graph) {
  const autograd::FakeQuantizations all = autograd::fake_quantizations(graph);
  for (size_t id = 0; id < all.size(); id++)
    if (all[id] && all[id]->learned && graph.values[id].constant()) return true;
  return false;
}

}  // namespace mote::compress

#include "evaluate/layer_error.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "evaluate/classes.h"
#include "evaluate/engine.h"
#include "evaluate/samples.h"
#include "ir/node.h"
#include "ops/requantization.h"
#include "passes/pipeline.h"

namespace mote::evaluate {
namespace {

// The float model with one node as the compressed model has it, and the same model with the node in
// float, but with what comes into the node quantized as well.
class Substitution {
 public:
  Substitution(const Graph& original, const Graph& compressed)
      : original_(original), compressed_(compressed) {}

  Graph with_float(size_t index, const Node& theirs) const { return build(index, theirs, false); }
  Graph with_compressed(size_t index, const Node& theirs) const {
    return build(index, theirs, true);
  }

 private:
  Graph build(size_t index, const Node& theirs, bool substitute) const {
    Graph graph = original_;
    Node node = graph.nodes[index];
    std::vector<Node> before, after;
    for (size_t i = 0; i < node.inputs.size(); i++) {
      if (node.inputs[i] == kNoValue) continue;
      const Value& value = compressed_.value(theirs.inputs.at(i));
      if (value.constant()) {
        if (substitute) node.inputs[i] = add_constant(graph, value.name, value.type, *value.data);
        continue;
      }
      if (!is_integer(value.type)) continue;
      node.inputs[i] = quantized_value(graph, node.inputs[i], value.type, before);
      if (!substitute) node.inputs[i] = dequantized_value(graph, node.inputs[i], before);
    }
    if (substitute) {
      node.op = theirs.op;
      for (size_t i = 0; i < node.outputs.size(); i++) {
        const TensorType& type = compressed_.value(theirs.outputs.at(i)).type;
        if (!is_integer(type)) continue;
        const ValueId integers = add_value(graph, "", type);
        after.push_back({ops::Dequantize{}, {integers}, {node.outputs[i]}, ""});
        node.outputs[i] = integers;
      }
    }
    before.push_back(std::move(node));
    before.insert(before.end(), after.begin(), after.end());
    const auto at = graph.nodes.erase(graph.nodes.begin() + static_cast<ptrdiff_t>(index));
    graph.nodes.insert(at, before.begin(), before.end());
    eliminate_dead(graph);
    return graph;
  }

  static ValueId quantized_value(Graph& graph, ValueId reals, const TensorType& type,
                                 std::vector<Node>& nodes) {
    const ValueId integers = add_value(graph, "", type);
    nodes.push_back(
        {ops::Quantize{type.dtype, scale_of(type), zero_point_of(type)}, {reals}, {integers}, ""});
    return integers;
  }

  static ValueId dequantized_value(Graph& graph, ValueId integers, std::vector<Node>& nodes) {
    const ValueId reals =
        add_value(graph, "", {DType::float32, graph.value(integers).type.shape, {}});
    nodes.push_back({ops::Dequantize{}, {integers}, {reals}, ""});
    return reals;
  }

  const Graph& original_;
  const Graph& compressed_;
};

// Of what goes into a node and comes out. Others where channels were pruned.
std::vector<Shape> shapes_of(const Graph& graph, const Node& node) {
  std::vector<Shape> shapes;
  for (const std::vector<ValueId>* ids : {&node.inputs, &node.outputs})
    for (const ValueId id : *ids)
      shapes.push_back(id == kNoValue ? Shape{} : graph.value(id).type.shape);
  return shapes;
}

std::vector<float> outputs_of(const Graph& graph, const std::vector<Bytes>& inputs, int32_t count,
                              int32_t threads) {
  const Bytes bytes = make_engine("native", graph, {.threads = threads})->run(inputs, count)[0];
  std::vector<float> reals(bytes.size() / sizeof(float));
  std::copy_n(reinterpret_cast<const float*>(bytes.data()), reals.size(), reals.begin());
  return reals;
}

// Nothing where both are equal.
std::optional<double> ratio_db(const std::vector<float>& exact, const std::vector<float>& noisy) {
  double signal = 0, noise = 0;
  for (size_t i = 0; i < exact.size(); i++) {
    const double difference = static_cast<double>(noisy[i]) - exact[i];
    signal += static_cast<double>(exact[i]) * exact[i];
    noise += difference * difference;
  }
  if (noise == 0) return {};
  return 10 * std::log10(signal / noise);
}

}  // namespace

std::vector<std::optional<double>> layer_error(const Graph& original, const Graph& compressed,
                                               const datasets::Split& data,
                                               const LayerErrorOptions& options) {
  Graph optimized = original;
  passes::optimize(optimized);
  const Graph network = until_logits(std::move(optimized));
  std::map<std::string, size_t> node_that_makes;
  for (size_t i = 0; i < network.nodes.size(); i++)
    node_that_makes[network.value(network.nodes[i].outputs.at(0)).name] = i;

  const int32_t count = std::min(options.samples, data.count());
  if (count < 1) throw Error(ErrorKind::usage, "no samples to run", compressed.name);
  const std::vector<Bytes> inputs = encode(network, data, 0, count);
  const Substitution substitution(network, compressed);
  std::vector<std::optional<double>> result;
  bool any = false;
  for (const Node& theirs : compressed.nodes) {
    result.emplace_back();
    const auto found = node_that_makes.find(compressed.value(theirs.outputs.at(0)).name);
    if (found == node_that_makes.end()) continue;
    const Node& ours = network.nodes[found->second];
    if (ours.op.index() != theirs.op.index() || ours.inputs.size() != theirs.inputs.size())
      continue;
    any = true;
    if (shapes_of(network, ours) != shapes_of(compressed, theirs)) continue;
    const auto run = [&](const Graph& graph) {
      return outputs_of(graph, inputs, count, options.threads);
    };
    result.back() = ratio_db(run(substitution.with_float(found->second, theirs)),
                             run(substitution.with_compressed(found->second, theirs)));
  }
  if (!any)
    throw Error(ErrorKind::usage, "no layer has the name of one of the float model's",
                compressed.name, "give the float model that it was compressed from");
  return result;
}

}  // namespace mote::evaluate

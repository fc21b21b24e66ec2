#include "compress/node_runner.h"

#include <set>
#include <utility>

#include "deploy/lower/lower.h"
#include "interpret/interpreter.h"
#include "ir/node.h"

namespace mote::compress {
namespace {

struct Alone {
  Graph graph;
  std::vector<ValueId> inputs;  // of the whole graph, as those of this one
};

// The node as a graph of its own, of floats without annotations.
Alone alone(const Graph& graph, const Node& node) {
  Alone result;
  result.graph.name = graph.name;
  std::map<ValueId, ValueId> ids;
  const auto copied = [&](ValueId id) {
    if (id == kNoValue) return kNoValue;
    const auto [entry, fresh] = ids.try_emplace(id, static_cast<ValueId>(ids.size()));
    if (fresh) {
      Value& value = result.graph.values.emplace_back(graph.value(id));
      value.type.quantization.reset();
    }
    return entry->second;
  };
  Node copy = node;
  for (ValueId& id : copy.inputs) {
    const bool first = id != kNoValue && !ids.contains(id) && !graph.value(id).constant();
    if (first) result.inputs.push_back(id);
    id = copied(id);
    if (first) result.graph.inputs.push_back(id);
  }
  for (ValueId& id : copy.outputs) id = copied(id);
  result.graph.outputs = copy.outputs;
  result.graph.nodes.push_back(std::move(copy));
  return result;
}

// Numbers of `sample` among those of all.
template <class Element>
std::span<Element> part(std::span<Element> all, int32_t count, int32_t sample) {
  const size_t each = all.size() / static_cast<size_t>(count);
  return all.subspan(static_cast<size_t>(sample) * each, each);
}

}  // namespace

void run_node(const Graph& graph, const Node& node, int32_t count, Activations& activations) {
  const Alone one = alone(graph, node);
  const Program program = deploy::lower(one.graph, deploy::host_device());
  interpret::Interpreter interpreter(program);
  std::vector<std::vector<float>> results;
  for (const ValueId id : node.outputs)
    results.emplace_back(static_cast<size_t>(element_count(graph.value(id).type.shape)) *
                         static_cast<size_t>(count));
  for (int32_t sample = 0; sample < count; sample++) {
    std::vector<std::span<const uint8_t>> inputs;
    for (const ValueId id : one.inputs) {
      const auto numbers = part(std::span<const float>(activations.at(id)), count, sample);
      inputs.emplace_back(reinterpret_cast<const uint8_t*>(numbers.data()), numbers.size_bytes());
    }
    std::vector<std::span<uint8_t>> outputs;
    for (std::vector<float>& result : results) {
      const auto numbers = part(std::span(result), count, sample);
      outputs.emplace_back(reinterpret_cast<uint8_t*>(numbers.data()), numbers.size_bytes());
    }
    interpreter.run(inputs, outputs);
  }
  for (size_t i = 0; i < node.outputs.size(); i++)
    activations[node.outputs[i]] = std::move(results[i]);
}

}  // namespace mote::compress

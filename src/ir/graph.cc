#include "ir/graph.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/error.h"
#include "ir/node.h"

namespace mote {
namespace {

// Renumbers all ids: `ids[old]` is the new one, or kNoValue for a value that goes.
void renumber(Graph& graph, const std::vector<ValueId>& ids) {
  const auto map = [&](std::vector<ValueId>& list) {
    for (ValueId& id : list)
      if (id != kNoValue) id = ids[static_cast<size_t>(id)];
  };
  for (Node& node : graph.nodes) {
    map(node.inputs);
    map(node.outputs);
  }
  map(graph.inputs);
  map(graph.outputs);
}

}  // namespace

Graph::Graph() = default;
Graph::Graph(const Graph&) = default;
Graph::Graph(Graph&&) noexcept = default;
Graph& Graph::operator=(const Graph&) = default;
Graph& Graph::operator=(Graph&&) noexcept = default;
Graph::~Graph() = default;
bool Graph::operator==(const Graph&) const = default;

std::string ValueNames::add(const std::vector<Value>& values, const std::string& wanted) {
  if (known_ != values.size()) {
    names_.clear();
    for (const Value& value : values) names_.add(value.name);
  }
  known_ = values.size() + 1;
  return names_.add(wanted);
}

ValueId add_value(Graph& graph, std::string name, TensorType type) {
  graph.values.push_back(
      {graph.names.add(graph.values, name.empty() ? "value" : name), std::move(type), nullptr});
  return static_cast<ValueId>(graph.values.size() - 1);
}

ValueId add_constant(Graph& graph, std::string name, TensorType type, Bytes data) {
  if (static_cast<int64_t>(data.size()) != byte_size(type))
    throw Error(ErrorKind::internal,
                fmt::format("constant '{}' has {} bytes, its type {} needs {}", name, data.size(),
                            to_string(type), byte_size(type)));
  const ValueId id = add_value(graph, std::move(name), std::move(type));
  graph.value(id).data = std::make_shared<const Bytes>(std::move(data));
  return id;
}

ValueId add_constant(Graph& graph, std::string name, Shape shape, const std::vector<float>& data) {
  return add_constant(graph, std::move(name), TensorType{DType::float32, std::move(shape), {}},
                      to_bytes(std::span<const float>(data)));
}

std::vector<int32_t> producers(const Graph& graph) {
  std::vector<int32_t> result(graph.values.size(), -1);
  for (size_t n = 0; n < graph.nodes.size(); n++)
    for (ValueId id : graph.nodes[n].outputs)
      result[static_cast<size_t>(id)] = static_cast<int32_t>(n);
  return result;
}

std::vector<std::vector<int32_t>> consumers(const Graph& graph) {
  std::vector<std::vector<int32_t>> result(graph.values.size());
  for (size_t n = 0; n < graph.nodes.size(); n++)
    for (ValueId id : graph.nodes[n].inputs)
      if (id != kNoValue) result[static_cast<size_t>(id)].push_back(static_cast<int32_t>(n));
  return result;
}

bool is_output(const Graph& graph, ValueId id) {
  return std::ranges::find(graph.outputs, id) != graph.outputs.end();
}

void eliminate_dead(Graph& graph) {
  std::vector<bool> read(graph.values.size());
  const auto mark = [&](const std::vector<ValueId>& ids) {
    for (const ValueId id : ids)
      if (id != kNoValue) read[static_cast<size_t>(id)] = true;
  };
  mark(graph.outputs);
  std::vector<Node> kept;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    if (std::ranges::none_of(node->outputs,
                             [&](ValueId id) { return read[static_cast<size_t>(id)]; }))
      continue;
    mark(node->inputs);
    mark(node->outputs);
    kept.push_back(std::move(*node));
  }
  std::ranges::reverse(kept);
  graph.nodes = std::move(kept);
  mark(graph.inputs);

  std::vector<ValueId> ids(graph.values.size(), kNoValue);
  std::vector<Value> values;
  for (size_t old = 0; old < graph.values.size(); old++) {
    if (!read[old]) continue;
    ids[old] = static_cast<ValueId>(values.size());
    values.push_back(std::move(graph.values[old]));
  }
  graph.values = std::move(values);
  renumber(graph, ids);
}

std::string describe(const Node& node) {
  return fmt::format("node '{}' ({})", node.origin, name_of(node.op));
}

}  // namespace mote

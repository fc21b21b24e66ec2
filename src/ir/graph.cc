#include "ir/graph.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/error.h"
#include "runtime/arithmetic/float16.h"

namespace mote {
namespace {

std::string unique_name(const Graph& graph, std::string name) {
  const auto taken = [&](const std::string& candidate) {
    return std::ranges::any_of(graph.values, [&](const Value& v) { return v.name == candidate; });
  };
  if (name.empty()) name = "value";
  if (!taken(name)) return name;
  for (int number = 1;; number++) {
    std::string candidate = fmt::format("{}_{}", name, number);
    if (!taken(candidate)) return candidate;
  }
}

template <class T>
std::vector<T> elements_of(const Value& value, DType dtype) {
  if (!value.data || value.type.dtype != dtype)
    throw Error(ErrorKind::internal,
                fmt::format("value '{}' is no constant of {}", value.name, name_of(dtype)));
  const auto elements = data_as<T>(value);
  return {elements.begin(), elements.end()};
}

bool is_half(const Value& value) {
  return value.constant() && value.type.dtype == DType::float16;
}

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

bool Value::operator==(const Value& other) const {
  if (name != other.name || type != other.type || constant() != other.constant()) return false;
  return !constant() || data == other.data || *data == *other.data;
}

bool Preprocessing::identity() const {
  return std::ranges::all_of(scale, [](float s) { return s == 1.0f; }) &&
         std::ranges::all_of(bias, [](float b) { return b == 0.0f; });
}

ValueId add_value(Graph& graph, std::string name, TensorType type) {
  graph.values.push_back({unique_name(graph, std::move(name)), std::move(type), nullptr});
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

std::vector<float> float_data(const Value& value) {
  if (is_half(value)) {
    std::vector<float> numbers;
    for (const uint16_t half : data_as<uint16_t>(value)) numbers.push_back(mote_f32_from_f16(half));
    return numbers;
  }
  return elements_of<float>(value, DType::float32);
}

std::vector<int32_t> int32_data(const Value& value) {
  return elements_of<int32_t>(value, DType::int32);
}

TensorType widened_type(const Value& value) {
  TensorType type = value.type;
  if (is_half(value)) type.dtype = DType::float32;
  return type;
}

Value widened(const Value& value) {
  if (!is_half(value)) return value;
  Bytes data = to_bytes(std::span<const float>(float_data(value)));
  return {value.name, widened_type(value), std::make_shared<const Bytes>(std::move(data))};
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

void replace_uses(Graph& graph, ValueId from, ValueId to) {
  for (Node& node : graph.nodes) std::ranges::replace(node.inputs, from, to);
  std::ranges::replace(graph.outputs, from, to);
}

void eliminate_dead(Graph& graph) {
  std::set<ValueId> read(graph.outputs.begin(), graph.outputs.end());
  std::vector<Node> kept;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    if (std::ranges::none_of(node->outputs, [&](ValueId id) { return read.contains(id); }))
      continue;
    read.insert(node->inputs.begin(), node->inputs.end());
    read.insert(node->outputs.begin(), node->outputs.end());
    kept.push_back(std::move(*node));
  }
  std::ranges::reverse(kept);
  graph.nodes = std::move(kept);
  read.insert(graph.inputs.begin(), graph.inputs.end());

  std::vector<ValueId> ids(graph.values.size(), kNoValue);
  std::vector<Value> values;
  for (size_t old = 0; old < graph.values.size(); old++) {
    if (!read.contains(static_cast<ValueId>(old))) continue;
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

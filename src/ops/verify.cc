#include "ops/verify.h"

#include <set>

#include <fmt/format.h>

#include "ir/error.h"
#include "ops/op_def.h"

namespace mote {
namespace {

[[noreturn]] void fail(const std::string& message, const std::string& where) {
  throw Error(ErrorKind::invalid_input, message, where);
}

std::vector<TensorType> input_types(const Graph& graph, const Node& node) {
  std::vector<TensorType> types;
  for (ValueId id : node.inputs)
    types.push_back(id == kNoValue ? TensorType{} : graph.value(id).type);
  return types;
}

void check_quantization(const Value& value) {
  if (!value.type.quantization) return;
  const Quantization& q = *value.type.quantization;
  const std::string where = fmt::format("value '{}'", value.name);
  if (q.scale.empty() || q.scale.size() != q.zero_point.size())
    fail(fmt::format("{} scales, {} zero points", q.scale.size(), q.zero_point.size()), where);
  if (!q.per_channel() && q.scale.size() != 1)
    fail(fmt::format("{} scales without an axis", q.scale.size()), where);
  if (q.per_channel()) {
    const auto rank = static_cast<int32_t>(value.type.shape.size());
    if (q.axis >= rank)
      fail(fmt::format("quantization axis {} of shape {}", q.axis, to_string(value.type.shape)),
           where);
    if (static_cast<int32_t>(q.scale.size()) != value.type.shape[static_cast<size_t>(q.axis)])
      fail(fmt::format("{} scales for dimension {} of {}", q.scale.size(), q.axis,
                       to_string(value.type.shape)),
           where);
  }
  for (float scale : q.scale)
    if (!(scale >= 0.0f) || scale > 3.4e38f) fail(fmt::format("scale {}", scale), where);
  if (q.bits < 2 || q.bits > 32) fail(fmt::format("{} bits", q.bits), where);
}

void check_values(const Graph& graph) {
  std::set<std::string_view> names;
  for (const Value& value : graph.values) {
    const std::string where = fmt::format("value '{}'", value.name);
    if (value.name.empty() || !names.insert(value.name).second)
      fail("the name is empty or used twice", where);
    for (int32_t size : value.type.shape)
      if (size < 1) fail(fmt::format("shape {}", to_string(value.type.shape)), where);
    if (value.constant() && static_cast<int64_t>(value.data->size()) != byte_size(value.type))
      fail(fmt::format("{} bytes of data for {}", value.data->size(), to_string(value.type)),
           where);
    check_quantization(value);
  }
}

void check_ids(const Graph& graph) {
  const auto valid = [&](ValueId id) {
    return id >= 0 && id < static_cast<ValueId>(graph.values.size());
  };
  std::vector<bool> known(graph.values.size());
  for (size_t i = 0; i < known.size(); i++) known[i] = graph.values[i].constant();
  for (ValueId id : graph.inputs) {
    if (!valid(id)) fail(fmt::format("input names value {} of {}", id, known.size()), graph.name);
    if (known[static_cast<size_t>(id)])
      fail("an input is listed twice or is a constant",
           fmt::format("value '{}'", graph.value(id).name));
    known[static_cast<size_t>(id)] = true;
  }
  for (const Node& node : graph.nodes) {
    for (ValueId id : node.inputs) {
      if (id == kNoValue) continue;
      if (!valid(id)) fail(fmt::format("reads value {} of {}", id, known.size()), describe(node));
      if (!known[static_cast<size_t>(id)])
        fail(fmt::format("reads '{}' before anything makes it", graph.value(id).name),
             describe(node));
    }
    for (ValueId id : node.outputs) {
      if (!valid(id)) fail(fmt::format("makes value {} of {}", id, known.size()), describe(node));
      if (known[static_cast<size_t>(id)])
        fail(fmt::format("makes '{}' again", graph.value(id).name), describe(node));
      known[static_cast<size_t>(id)] = true;
    }
  }
  if (graph.outputs.empty()) fail("no output", graph.name);
  for (ValueId id : graph.outputs)
    if (!valid(id) || !known[static_cast<size_t>(id)])
      fail(fmt::format("output names value {}, which nothing makes", id), graph.name);
  if (!graph.preprocessing.empty() && graph.preprocessing.size() != graph.inputs.size())
    fail(fmt::format("{} preprocessings for {} inputs", graph.preprocessing.size(),
                     graph.inputs.size()),
         graph.name);
}

void check_node(const Graph& graph, const Node& node, Level level) {
  const OpDef& def = op_def(node.op);
  const auto inputs = static_cast<int32_t>(node.inputs.size());
  if (inputs < def.min_inputs || inputs > def.max_inputs)
    fail(fmt::format("{} inputs, {} to {} expected", inputs, def.min_inputs, def.max_inputs),
         describe(node));
  for (int32_t i = 0; i < def.min_inputs; i++)
    if (node.inputs[static_cast<size_t>(i)] == kNoValue)
      fail(fmt::format("input {} is missing", i), describe(node));
  if (node.outputs.size() != 1)
    fail(fmt::format("{} outputs, 1 expected", node.outputs.size()), describe(node));

  const TensorType& stored = graph.value(node.outputs[0]).type;
  const TensorType inferred = infer(graph, node);
  if (stored.shape != inferred.shape || stored.dtype != inferred.dtype)
    fail(fmt::format("output '{}' is {}{}, but from the inputs follows {}{}",
                     graph.value(node.outputs[0]).name, name_of(stored.dtype),
                     to_string(stored.shape), name_of(inferred.dtype), to_string(inferred.shape)),
         describe(node));
  if (level == Level::imported) return;
  if (std::holds_alternative<ops::BatchNorm>(node.op) && level == Level::quantized)
    fail("a batch norm in a quantized graph", describe(node));
  if (level == Level::quantized && def.check_quantized) {
    try {
      def.check_quantized(node.op, input_types(graph, node), stored);
    } catch (const Error& error) {
      throw error.at(describe(node));
    }
  }
}

}  // namespace

TensorType infer(const Graph& graph, const Node& node) {
  try {
    TensorType type = op_def(node.op).infer(node.op, input_types(graph, node));
    if (!type.quantization && !node.outputs.empty())
      type.quantization = graph.value(node.outputs[0]).type.quantization;
    return type;
  } catch (const Error& error) {
    throw error.at(describe(node));
  }
}

void verify(const Graph& graph, Level level) {
  check_values(graph);
  check_ids(graph);
  for (const Node& node : graph.nodes) check_node(graph, node, level);
}

void infer_shapes(Graph& graph) {
  for (const Node& node : graph.nodes) graph.value(node.outputs.at(0)).type = infer(graph, node);
}

ValueId add_node(Graph& graph, Op op, std::vector<ValueId> inputs, const std::string& name) {
  Node node{std::move(op), std::move(inputs), {}, name};
  TensorType type = infer(graph, node);
  node.outputs = {add_value(graph, name, std::move(type))};
  const ValueId output = node.outputs[0];
  graph.nodes.push_back(std::move(node));
  return output;
}

}  // namespace mote
